#include "store.h"

#include <crypt.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* AUTOINCREMENT, for an id must never come again: to a client, an id that it has seen is a message
 * that it has read. Without it the id of the newest message is free again once that was confirmed.
 */
static const char schema[] =
    "PRAGMA locking_mode = EXCLUSIVE;" /* a second server on the same file is refused */
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;" /* a commit has reached the disk when it returns */
    "CREATE TABLE IF NOT EXISTS person (name TEXT PRIMARY KEY, password TEXT NOT NULL,"
    " last INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " recipient TEXT NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS by_recipient ON message (recipient, id);"
    "BEGIN IMMEDIATE; COMMIT;"; /* takes the lock now */

enum query {
    FIND_PERSON,
    ADD_PERSON,
    NUMBER,
    ADD_MESSAGE,
    ADD_FOR_ALL,
    NEXT_MESSAGE,
    CONFIRM,
    QUERIES
};
static const char *const queries[QUERIES] = {
    [FIND_PERSON] = "SELECT password, last FROM person WHERE name = ?1",
    [ADD_PERSON] = "INSERT INTO person (name, password) VALUES (?1, ?2)",
    [NUMBER] = "UPDATE person SET last = ?2 WHERE name = ?1",
    [ADD_MESSAGE] = "INSERT INTO message (recipient, sender, text) VALUES (?1, ?2, ?3)",
    [ADD_FOR_ALL] = ("INSERT INTO message (recipient, sender, text)"
                     " SELECT name, ?1, ?2 FROM person"),
    [NEXT_MESSAGE] = ("SELECT id, sender, text FROM message WHERE recipient = ?1"
                      " AND id > ?2 ORDER BY id LIMIT 1"),
    [CONFIRM] = "DELETE FROM message WHERE recipient = ?1 AND id = ?2",
};

static sqlite3 *db;
static sqlite3_stmt *prepared[QUERIES];

static _Noreturn void fail(void)
{
    fprintf(stderr, "server: the store: %s\n", db ? sqlite3_errmsg(db) : "no memory");
    exit(1);
}

static void execute(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail();
}

void store_open(const char *path)
{
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail();
    execute(schema);
    for (int i = 0; i < QUERIES; i++)
        if (sqlite3_prepare_v2(db, queries[i], -1, &prepared[i], NULL) != SQLITE_OK)
            fail();
}

void store_close(void)
{
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(prepared[i]);
    sqlite3_close(db);
}

/* ---- running a query --------------------------------------------------------------------- */

static sqlite3_stmt *query(enum query which, const char *first)
{
    sqlite3_stmt *q = prepared[which];
    sqlite3_reset(q);
    if (sqlite3_bind_text(q, 1, first, -1, SQLITE_TRANSIENT) != SQLITE_OK)
        fail();
    return q;
}

static void bind_number(sqlite3_stmt *q, int place, int64_t number)
{
    if (sqlite3_bind_int64(q, place, number) != SQLITE_OK)
        fail();
}

static void bind_text(sqlite3_stmt *q, int place, const char *text)
{
    if (sqlite3_bind_text(q, place, text, -1, SQLITE_TRANSIENT) != SQLITE_OK)
        fail();
}

static bool has_row(sqlite3_stmt *q)
{
    int result = sqlite3_step(q);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        fail();
    return result == SQLITE_ROW;
}

/* Changes are gathered in one transaction, since a commit waits for the disk: once for all clients
 * that have said something, not once a line. */
static void change(sqlite3_stmt *q)
{
    if (sqlite3_get_autocommit(db))
        execute("BEGIN IMMEDIATE");
    has_row(q);
    sqlite3_reset(q);
}

void store_commit(void)
{
    if (!sqlite3_get_autocommit(db))
        execute("COMMIT");
}

/* ---- who there is ------------------------------------------------------------------------ */

/* What is kept of a password: not the word itself, which people use elsewhere too. */
static const char *hashed(const char *password, const char *setting, struct crypt_data *work)
{
    memset(work, 0, sizeof *work);
    const char *hash = crypt_r(password, setting, work);
    return hash && hash[0] != '*' ? hash : NULL;
}

static void add_person(const char *name, const char *password)
{
    static const char letters[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct crypt_data work;
    unsigned char chance[16];
    char setting[] = "$5$rounds=1000$0123456789abcdef"; /* SHA-256 over and over: takes 1 ms */
    if (getrandom(chance, sizeof chance, 0) != sizeof chance) {
        perror("server: getrandom");
        exit(1);
    }
    for (size_t i = 0; i < sizeof chance; i++)
        setting[strlen("$5$rounds=1000$") + i] = letters[chance[i] % 64];
    const char *hash = hashed(password, setting, &work);
    if (!hash) {
        perror("server: crypt");
        exit(1);
    }
    sqlite3_stmt *q = query(ADD_PERSON, name);
    bind_text(q, 2, hash);
    change(q);
}

bool store_check(const char *name, const char *password, int64_t *last)
{
    sqlite3_stmt *q = query(FIND_PERSON, name);
    *last = 0;
    if (!has_row(q)) {
        sqlite3_reset(q);
        add_person(name, password);
        return true;
    }
    struct crypt_data work;
    const char *kept = (const char *)sqlite3_column_text(q, 0);
    const char *hash = kept ? hashed(password, kept, &work) : NULL;
    bool same = hash && strcmp(hash, kept) == 0;
    *last = sqlite3_column_int64(q, 1);
    sqlite3_reset(q);
    return same;
}

/* ---- messages ---------------------------------------------------------------------------- */

static void keep_number(const char *from, int64_t number)
{
    sqlite3_stmt *q = query(NUMBER, from);
    bind_number(q, 2, number);
    change(q);
}

void store_add(const char *from, int64_t number, const char *to, const char *text)
{
    sqlite3_stmt *q = query(ADD_MESSAGE, to);
    bind_text(q, 2, from);
    bind_text(q, 3, text);
    change(q);
    keep_number(from, number);
}

void store_add_for_all(const char *from, int64_t number, const char *text)
{
    sqlite3_stmt *q = query(ADD_FOR_ALL, from);
    bind_text(q, 2, text);
    change(q);
    keep_number(from, number);
}

bool store_next(const char *name, int64_t after, struct message *m)
{
    sqlite3_stmt *q = query(NEXT_MESSAGE, name);
    bind_number(q, 2, after);
    bool found = has_row(q);
    if (found) {
        m->id = sqlite3_column_int64(q, 0);
        snprintf(m->from, sizeof m->from, "%s", (const char *)sqlite3_column_text(q, 1));
        snprintf(m->text, sizeof m->text, "%s", (const char *)sqlite3_column_text(q, 2));
    }
    sqlite3_reset(q);
    return found;
}

bool store_confirm(const char *name, int64_t id)
{
    sqlite3_stmt *q = query(CONFIRM, name);
    bind_number(q, 2, id);
    change(q);
    return sqlite3_changes(db) > 0;
}
