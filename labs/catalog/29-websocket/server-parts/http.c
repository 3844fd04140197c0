#include "http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the request ------------------------------------------------------------------------- */

/* Is `word` one of the comma-separated words of a header? "keep-alive, Upgrade" has Upgrade. */
static bool has_word(const char *value, const char *word)
{
    size_t n = strlen(word);
    while (*value) {
        value += strspn(value, " \t,");
        size_t length = strcspn(value, " \t,");
        if (length == n && strncasecmp(value, word, n) == 0)
            return true;
        value += length;
    }
    return false;
}

/* 16 bytes in base64 are 22 letters and "==". */
static bool is_key(const char *value)
{
    size_t letters = 0;
    while (isalnum((unsigned char)value[letters]) || value[letters] == '+' || value[letters] == '/')
        letters++;
    return letters == KEY_BYTES - 2 && strcmp(value + letters, "==") == 0;
}

static void read_header(char *line, struct request *r)
{
    char *colon = strchr(line, ':');
    if (!colon)
        return;
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    for (size_t n = strlen(value); n > 0 && strchr(" \t", value[n - 1]); n--)
        value[n - 1] = '\0';
    if (strcasecmp(line, "Upgrade") == 0)
        r->upgrade = r->upgrade || has_word(value, "websocket");
    else if (strcasecmp(line, "Connection") == 0)
        r->connection_upgrade = r->connection_upgrade || has_word(value, "upgrade");
    else if (strcasecmp(line, "Sec-WebSocket-Version") == 0)
        r->version_13 = strcmp(value, "13") == 0;
    else if (strcasecmp(line, "Sec-WebSocket-Key") == 0 && is_key(value))
        memcpy(r->key, value, KEY_BYTES + 1);
}

bool http_read(char *head, struct request *r)
{
    char version[16], *rest = NULL, *line = strtok_r(head, "\r\n", &rest);
    *r = (struct request){.method = ""};
    if (!line || sscanf(line, "%15s %63s %15s", r->method, r->path, version) != 3 ||
        strcmp(version, "HTTP/1.1") != 0)
        return false;
    while ((line = strtok_r(NULL, "\r\n", &rest)))
        read_header(line, r);
    return true;
}

/* ---- the answer -------------------------------------------------------------------------- */

/* The files that there are. Nothing of what a client says ever becomes a file's name. */
static const struct file {
    const char *path, *name, *type;
} files[] = {
    {"/", "index.html", "text/html; charset=utf-8"},
    {"/chat.js", "chat.js", "text/javascript; charset=utf-8"},
    {"/chat.css", "chat.css", "text/css; charset=utf-8"},
};
enum { FILES = sizeof files / sizeof files[0], FILE_MOST = 256 * 1024 };

static char *answer(const char *status, const char *type, const char *body, size_t n, size_t *bytes)
{
    char head[512];
    int head_bytes =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %s\r\n"
                 "Content-Type: %s\r\n"
                 "Content-Length: %zu\r\n"
                 "Sec-WebSocket-Version: 13\r\n"
                 "Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss:\r\n"
                 "X-Content-Type-Options: nosniff\r\n"
                 "Cache-Control: no-store\r\n"
                 "Connection: close\r\n\r\n",
                 status, type, n);
    char *all = malloc((size_t)head_bytes + n);
    if (!all)
        return NULL;
    memcpy(all, head, (size_t)head_bytes);
    memcpy(all + head_bytes, body, n);
    *bytes = (size_t)head_bytes + n;
    return all;
}

char *http_refusal(const char *status, const char *why, size_t *bytes)
{
    return answer(status, "text/plain; charset=utf-8", why, strlen(why), bytes);
}

static char *file_answer(const struct file *file, const char *folder, size_t *bytes)
{
    char path[4096], *body = malloc(FILE_MOST), *all = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, file->name);
    FILE *f = body ? fopen(path, "re") : NULL;
    if (f) {
        size_t n = fread(body, 1, FILE_MOST, f);
        all = answer("200 OK", file->type, body, n, bytes);
        fclose(f);
    } else {
        all = http_refusal("404 Not Found", "The page is not where the server looks for it: -p.\n",
                           bytes);
    }
    free(body);
    return all;
}

static char *upgrade(const struct request *r, size_t *bytes)
{
    char accept[ACCEPT_BYTES + 1], *all = malloc(256);
    if (!all)
        return NULL;
    accept_answer(r->key, accept);
    *bytes = (size_t)snprintf(all, 256,
                              "HTTP/1.1 101 Switching Protocols\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: %s\r\n\r\n",
                              accept);
    return all;
}

char *http_answer(const struct request *r, const char *folder, size_t *bytes, bool *talk)
{
    *talk = false;
    if (strcmp(r->method, "GET") != 0)
        return http_refusal("405 Method Not Allowed", "Only GET is answered here.\n", bytes);
    if (strcmp(r->path, "/chat") == 0) {
        if (!r->upgrade || !r->connection_upgrade || !r->version_13)
            return http_refusal("426 Upgrade Required", "This is a WebSocket of version 13.\n",
                                bytes);
        if (!r->key[0])
            return http_refusal("400 Bad Request", "Sec-WebSocket-Key: 16 bytes in base64.\n",
                                bytes);
        *talk = true;
        return upgrade(r, bytes);
    }
    for (int i = 0; i < FILES; i++)
        if (strcmp(r->path, files[i].path) == 0)
            return file_answer(&files[i], folder, bytes);
    return http_refusal("404 Not Found", "There is no such page.\n", bytes);
}
