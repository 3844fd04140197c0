#include "tracer/base/words.h"

#include "tracer/base/text.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the language --------------------------------------------------------------------------- */

static char spoken[3];

static bool is_language(const char *s)
{
    return s && s[0] >= 'a' && s[0] <= 'z' && s[1] >= 'a' && s[1] <= 'z' &&
           (s[2] == '\0' || s[2] == '_' || s[2] == '.' || s[2] == '@');
}

void words_speak(const char *language)
{
    if (is_language(language))
        memcpy(spoken, language, 2);
}

const char *words_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    if (spoken[0])
        return spoken;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (!value || !value[0])
            continue;
        words_speak(value);
        break; /* the first that is set counts, as for the C library */
    }
    return spoken[0] ? spoken : "en";
}

/* ---- the catalogue -------------------------------------------------------------------------- */

/* A file of msgfmt's: numbers of 32 bits in the machine's own order, then two tables of (length,
 * place), one of the English texts in the order of strcmp(), one of what is said for each. */
enum { HEAD_WORDS = 5, FILE_MOST = 1 << 20 };
static const uint32_t magic = 0x950412de;
enum head { HEAD_MAGIC, HEAD_REVISION, HEAD_COUNT, HEAD_ENGLISH, HEAD_SAID };

static struct text file;
static uint32_t head[HEAD_WORDS];

static uint32_t word_at(size_t at)
{
    uint32_t word;
    memcpy(&word, file.s + at, sizeof word);
    return word;
}

/* Text `i` of a table. */
static const char *text_at(enum head table, size_t i)
{
    return file.s + word_at(head[table] + 8 * i + 4);
}

/* Whether every text of the table lies in the file, and ends there. */
static bool is_whole(enum head table)
{
    uint64_t behind = head[table] + 8ull * head[HEAD_COUNT];
    if (behind > file.len)
        return false;
    for (size_t i = 0; i < head[HEAD_COUNT]; i++) {
        uint64_t length = word_at(head[table] + 8 * i), at = word_at(head[table] + 8 * i + 4);
        if (at + length >= file.len || file.s[at + length] != '\0')
            return false;
    }
    return true;
}

static bool is_catalogue(void)
{
    if (file.len < sizeof head)
        return false;
    for (size_t i = 0; i < HEAD_WORDS; i++)
        head[i] = word_at(4 * i);
    return head[HEAD_MAGIC] == magic && head[HEAD_REVISION] == 0 && is_whole(HEAD_ENGLISH) &&
           is_whole(HEAD_SAID);
}

void words_close(void)
{
    text_free(&file);
    memset(head, 0, sizeof head);
}

bool words_open_file(const char *path)
{
    size_t n;
    words_close();
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    while (file.len < FILE_MOST && (n = fread(text_reserve(&file, 8192), 1, 8192, f)) > 0)
        text_commit(&file, n);
    bool whole = feof(f) && is_catalogue();
    fclose(f);
    if (!whole)
        words_close();
    return whole;
}

bool words_open(void)
{
    struct text path = {0};
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    text_bytes(&path, self, slash ? (size_t)(slash - self) : 0);
    text_format(&path, "/../share/locale/%s/LC_MESSAGES/tcpladder.mo", words_language());
    bool opened = words_open_file(text_str(&path));
    text_free(&path);
    return opened;
}

size_t words_count(void)
{
    return head[HEAD_COUNT];
}

const char *words_english(size_t i)
{
    return text_at(HEAD_ENGLISH, i);
}

const char *words_said(size_t i)
{
    return text_at(HEAD_SAID, i);
}

const char *words_of(const char *english)
{
    size_t from = 0, to = english[0] ? head[HEAD_COUNT] : 0; /* the empty text is the file's own */
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(english, text_at(HEAD_ENGLISH, middle));
        if (order == 0)
            return text_at(HEAD_SAID, middle);
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return english;
}
