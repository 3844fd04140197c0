#include "labs/app/play.h"

#include "labs/app/commands.h"
#include "labs/play/script.h"
#include "labs/runner/run.h"
#include "tracer/base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the program that makes the calls ------------------------------------------------------- */

static char puppet[] = "tcplab-puppet";

/* It lies beside this one, and is found there before anywhere else. */
static int find_puppet(struct error *e)
{
    char self[PATH_MAX];
    struct text path = {0};
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    text_format(&path, "%s/%s", self, puppet);
    int result = 0;
    if (access(text_str(&path), X_OK) != 0)
        result = error_exit(e, EXIT_MACHINE,
                            "%.300s is not there: it makes the calls that are typed, and is built "
                            "and installed with tcplab. Build it again with: ./scripts/lab",
                            text_str(&path));
    const char *others = getenv("PATH");
    text_clear(&path);
    text_format(&path, "%s:%s", self, others ? others : "/usr/bin:/bin");
    if (result == 0 && setenv("PATH", text_str(&path), 1) != 0)
        result = error_set(e, "Cannot set PATH: %s.", strerror(errno));
    text_free(&path);
    return result;
}

/* ---- a folder for the sockets that are files ------------------------------------------------ */

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *entry; d && (entry = readdir(d));)
        unlinkat(dirfd(d), entry->d_name, 0); /* but for . and .., which it refuses */
    if (d)
        closedir(d);
    rmdir(path);
}

static int make_folder(struct text *path, struct error *e)
{
    const char *where = getenv("TMPDIR");
    text_format(path, "%s/tcplab-play.XXXXXX", where && where[0] == '/' ? where : "/tmp");
    if (mkdtemp(path->s))
        return 0;
    return error_exit(e, EXIT_MACHINE, "Cannot make a folder for the run, %.300s: %s.",
                      text_str(path), strerror(errno));
}

/* ---- two hosts ------------------------------------------------------------------------------ */

static int play_hosts(const struct options *o, const struct run_play *with, struct error *e)
{
    char *words[] = {puppet, (char[]){"C"}, (char[]){"S"}, NULL, (char[]){"S6"}, NULL};
    struct run_network network;
    struct text folder = {0};
    if (commands_network(o, NULL, &network, e) != 0)
        return EXIT_WRONG_USAGE;
    int status = EXIT_MACHINE;
    char c6[] = "C6";
    words[3] = network.profile.ipv6 ? c6 : NULL;
    if (make_folder(&folder, e) == 0) {
        struct run_spec spec = {
            .lab = "play",
            .title = "play",
            .folder = text_str(&folder),
            .programs = {words, words},
            .network = &network,
            .server_port = 9502,
            .save = o->write,
            .text = commands_text(o),
            .ascii = o->ascii,
            .play = with,
        };
        status = run(&spec, e);
        remove_folder(text_str(&folder));
    }
    text_free(&folder);
    run_network_free(&network);
    return status;
}

/* ---- real hosts ----------------------------------------------------------------------------- */

/* Cut "HOST:PORT", "[::1]:80" or "PORT" in its parts, in place; the host is NULL where it is not
 * said. */
static int cut(char *words, char **host, char **port, struct error *e)
{
    char *colon = strrchr(words, ':');
    *host = colon ? words : NULL;
    *port = colon ? colon + 1 : words;
    if (colon)
        *colon = '\0';
    size_t n = *host ? strlen(*host) : 0;
    if (n > 1 && words[0] == '[' && words[n - 1] == ']') {
        words[n - 1] = '\0';
        (*host)++;
    }
    char *end;
    unsigned long number = strtoul(*port, &end, 10);
    if (**port < '0' || **port > '9' || *end || number > UINT16_MAX)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "'%.40s' is no port: give HOST:PORT, such as "
                          "localhost:8000 or [::1]:8000.",
                          *port);
    return 0;
}

/* The name's first address, in digits. */
static int resolve(const char *host, const char *port, bool listens, char address[NI_MAXHOST],
                   struct error *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV | (listens ? AI_PASSIVE : 0)};
    struct addrinfo *found;
    int result = getaddrinfo(host, port, &hints, &found);
    if (result != 0)
        return error_exit(e, EXIT_FELL_SHORT, "The host '%.100s' is not found: %s.",
                          host ? host : "", gai_strerror(result));
    result = getnameinfo(found->ai_addr, found->ai_addrlen, address, NI_MAXHOST, NULL, 0,
                         NI_NUMERICHOST);
    freeaddrinfo(found);
    if (result != 0)
        return error_exit(e, EXIT_FELL_SHORT, "The host '%.100s' has no address that can be told.",
                          host ? host : "");
    return 0;
}

static void add_line(struct play_script *s, const char *call, const char *address, const char *port)
{
    struct text line = {0};
    text_format(&line, "%s %s %s %s", call, strchr(address, ':') ? "tcp6" : "tcp", address, port);
    play_script_add(s, text_str(&line));
    text_free(&line);
}

static int lines_to_connect(const char *words, struct play_script *s, struct error *e)
{
    char address[NI_MAXHOST], *host, *port;
    char *copy = xstrdup(words);
    int result = cut(copy, &host, &port, e);
    if (result == 0)
        result = resolve(host ? host : "localhost", port, false, address, e);
    if (result == 0) {
        add_line(s, "connect", address, port);
        play_script_add(s, "receive");
    }
    free(copy);
    return result;
}

/* A port, or an address and a port; 0, or nothing, is any that is free. */
static int lines_to_listen(const char *words, struct play_script *s, struct error *e)
{
    char address[NI_MAXHOST] = "0.0.0.0", *host, *port;
    char *copy = xstrdup(words ? words : "0");
    int result = cut(copy, &host, &port, e);
    if (result == 0 && host)
        result = resolve(host, port, true, address, e);
    if (result == 0) {
        play_script_add(s, strchr(address, ':') ? "socket tcp6" : "socket tcp");
        play_script_add(s, "setsockopt reuseaddr on");
        add_line(s, "listen", address, port);
        if (strtoul(port, NULL, 10) == 0)
            play_script_add(s, "getsockname");
        play_script_add(s, "accept");
        play_script_add(s, "receive");
    }
    free(copy);
    return result;
}

static int play_real(const struct options *o, char *title, const struct run_play *with,
                     struct error *e)
{
    char *const words[] = {puppet, NULL};
    struct run_network network;
    if (commands_network(o, NULL, &network, e) != 0)
        return EXIT_WRONG_USAGE;
    struct run_spec spec = {
        .lab = "play",
        .title = title,
        .programs = {words, NULL},
        .network = &network,
        .save = o->write,
        .text = commands_text(o),
        .ascii = o->ascii,
        .play = with,
    };
    int status = run(&spec, e);
    run_network_free(&network);
    return status;
}

/* ---- the command ---------------------------------------------------------------------------- */

static int check_words(const struct options *o, const char *word, struct error *e)
{
    if (o->connect && o->listen)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--connect and --listen are two ways to begin: "
                          "give one of them.");
    if (word && !o->listen)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "What '%.40s' is to mean is not clear: a port goes "
                          "with --listen, a script with --script.",
                          word);
    return 0;
}

/* The lines that come first: those that open a connection, and a script's behind them. */
static int first_lines(const struct options *o, const char *word, struct play_script *s,
                       struct error *e)
{
    struct play_script own = {0};
    bool alone = o->connect || o->listen;
    if (o->connect && lines_to_connect(o->connect, s, e) != 0)
        return -1;
    if (o->listen && lines_to_listen(word, s, e) != 0)
        return -1;
    s->first = s->count;
    if (!o->script)
        return 0;
    int result = play_script_read(o->script, alone, &own, e);
    s->name = own.name;
    own.name = NULL;
    for (size_t i = 0; result == 0 && i < own.count; i++)
        play_script_add(s, own.lines[i]);
    play_script_free(&own);
    return result;
}

int play(const struct options *o, char **words, struct error *e)
{
    struct play_script script = {0};
    struct text title = {0};
    bool alone = o->connect || o->listen;
    struct run_play with = {
        .script = &script, .ends = o->script && commands_text(o), .alone = alone};
    int status = EXIT_WRONG_USAGE;
    if (check_words(o, words[0], e) == 0 && first_lines(o, words[0], &script, e) == 0 &&
        find_puppet(e) == 0) {
        text_format(&title, "%s %s", o->connect ? "connect" : "listen",
                    o->connect ? o->connect
                    : words[0] ? words[0]
                               : "");
        status = alone ? play_real(o, title.s, &with, e) : play_hosts(o, &with, e);
    } else {
        status = e->status;
    }
    text_free(&title);
    play_script_free(&script);
    return status;
}
