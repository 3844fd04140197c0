#include "charset.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

bool charset_open(struct charset *c, const char *name)
{
    static const char *const names[] = {"utf-8", "gb2312"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(name, names[i]) != 0)
            continue;
        iconv_t from = iconv_open("UTF-8", names[i]), to = iconv_open(names[i], "UTF-8");
        if (from != (iconv_t)-1 && to != (iconv_t)-1) {
            *c = (struct charset){from, to};
            return true;
        }
        if (from != (iconv_t)-1)
            iconv_close(from);
        if (to != (iconv_t)-1)
            iconv_close(to);
    }
    return false;
}

void charset_close(struct charset *c)
{
    iconv_close(c->from);
    iconv_close(c->to);
}

/* C0 is one byte below a blank, or DEL; C1, such as the one-byte CSI, is C2 80 to C2 9F in UTF-8.
 */
static bool is_plain(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)text[i],
                      next = i + 1 < n ? (unsigned char)text[i + 1] : 0;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f || (byte == 0xc2 && next < 0xa0))
            return false;
    }
    return true;
}

bool charset_decode(struct charset *c, const char *bytes, size_t n, char *out, size_t room)
{
    char *in = (char *)bytes, *end = out; /* iconv() does not write there, whatever its type says */
    size_t left = room - 1;
    iconv(c->from, NULL, NULL, NULL, NULL);
    if (iconv(c->from, &in, &n, &end, &left) == (size_t)-1)
        return false;
    *end = '\0';
    return is_plain(out, (size_t)(end - out));
}

size_t charset_encode(struct charset *c, const char *text, char *out, size_t room)
{
    char *in = (char *)text, *end = out;
    size_t n = strlen(text);
    iconv(c->to, NULL, NULL, NULL, NULL);
    while (n > 0 && iconv(c->to, &in, &n, &end, &room) == (size_t)-1) {
        if (errno != EILSEQ || room == 0)
            break;
        *end++ = '?';
        room--;
        do { /* over the whole character: its other bytes are 10xxxxxx */
            in++;
            n--;
        } while (n > 0 && ((unsigned char)*in & 0xc0) == 0x80);
    }
    return (size_t)(end - out);
}
