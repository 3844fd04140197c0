/* What character set a client writes in. Inside the server, and in its store, all text is UTF-8. */
#ifndef CHAT_CHARSET_H
#define CHAT_CHARSET_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>

struct charset {
    iconv_t from, to; /* the client's to UTF-8, and back */
};

/* `name` is one of "utf-8" and "gb2312". False: it is another, and *c is as it was. */
bool charset_open(struct charset *c, const char *name);
void charset_close(struct charset *c);

/* n bytes of the client's as a UTF-8 string of less than `room` bytes. False where they are not
 * text of its character set, or hold control characters (a tab may be): those would be commands to
 * the terminal of whoever reads them. */
bool charset_decode(struct charset *c, const char *bytes, size_t n, char *out, size_t room);

/* A UTF-8 string as bytes of the client's, `room` at most; their number is returned. A character
 * that it has no code for becomes a question mark. */
size_t charset_encode(struct charset *c, const char *text, char *out, size_t room);

#endif
