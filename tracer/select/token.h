/* The words of the language of selectors, one at a time, each with its place. Inside tracer/select
 * only. */
#ifndef TRACER_SELECT_TOKEN_H
#define TRACER_SELECT_TOKEN_H

#include "tracer/base/text.h"
#include "tracer/decode/address.h"
#include "tracer/select/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
    TOKEN_END,
    TOKEN_LINE,     /* the end of a line, where lines matter */
    TOKEN_WORD,     /* data, CLOSE-WAIT, flags.syn */
    TOKEN_CALL,     /* connect(3, S:9502): a word with its parentheses, which touch it */
    TOKEN_NUMBER,   /* 9502, 0x10 */
    TOKEN_DURATION, /* 1.5s, 200ms; the number is nanoseconds */
    TOKEN_PERCENT,  /* 5%; the number is parts in a million */
    TOKEN_RATE,     /* 10mbit; the number is bits a second */
    TOKEN_ORDINAL,  /* 3rd */
    TOKEN_STRING,   /* "hello\n", its bytes in lexer.string */
    TOKEN_FLAGS,    /* [S.] */
    TOKEN_ADDRESS,  /* 10.0.0.1, fe80::1, [fe80::1] */
    TOKEN_SIGN,     /* > >= .. , and the like */
    TOKEN_KIND_COUNT,
};

struct token {
    enum token_kind kind;
    int line;
    size_t line_at;    /* where its line begins in the text */
    size_t at, len;    /* where it stands */
    size_t end_before; /* where the token before it ended */
    int64_t number;
    struct address address;
};

struct lexer {
    const char *s; /* (borrowed) */
    size_t n, at;
    bool lines; /* the end of a line is a token */
    int line;
    size_t line_at;     /* where the line begins */
    struct token token; /* the present one */
    struct text string; /* the bytes of the last TOKEN_STRING */
    struct select_fault *fault;
};

/* Begin with the first token of `s`. After a fault every token is TOKEN_END. */
void lexer_begin(struct lexer *l, const char *s, size_t n, bool lines, struct select_fault *fault);
void lexer_free(struct lexer *l);
void lexer_next(struct lexer *l);

/* Whether the present token is this word or sign; lexer_take() also moves past it where it is. */
bool lexer_at(const struct lexer *l, const char *words);
bool lexer_take(struct lexer *l, const char *words);

/* A fault at the present token: what was expected there, what stands there, the nearest word of the
 * list (or NULL). Returns false. */
bool lexer_expected(struct lexer *l, const char *what, const char *const *list);

/* A fault at the present token, in words of its own. Returns false. */
bool lexer_fault(struct lexer *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same at a place noted before. */
bool lexer_fault_at(struct lexer *l, const struct token *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
