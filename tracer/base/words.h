/* What the program says, in its user's language: each text is looked up by its English in a
 * catalogue that gettext's msgfmt made (tracer/words). Where there is no catalogue, or it has not
 * the text, the English is said.
 *
 * The catalogue is read here and not by gettext(3), which follows the C library's locale: a machine
 * that has none but C and C.UTF-8 would never speak another language, whatever --lang says. */
#ifndef TRACER_BASE_WORDS_H
#define TRACER_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct text;

#define _(english)  words_of(english)
#define N_(english) english /* is said later, through words_of() */

/* The language that is spoken: two letters, of what words_speak() was told last, else of LC_ALL,
 * LC_MESSAGES or LANG; "en" where none says. What is no language is not heard. */
const char *words_language(void);
void words_speak(const char *language);

/* Say things in that language from now on. The catalogue is
 * ../share/locale/LANGUAGE/LC_MESSAGES/tcpladder.mo from the program's folder; a program that does
 * not call this speaks English. False where the language has none. */
bool words_open(void);

/* The same with this file, and back to English. */
bool words_open_file(const char *path);
void words_close(void);

/* The text in the language that is spoken: as long-lived as the catalogue. */
const char *words_of(const char *english) __attribute__((format_arg(1)));

/* Append what another process said in English, from one of the texts and some values, in the
 * language that is spoken with the same values; as it stands, and false, where no text fits. A text
 * whose values are all the words it has is not looked for. */
bool words_again(const char *english, struct text *out);

/* The catalogue's texts, in the order of their English. */
size_t words_count(void);
const char *words_english(size_t i);
const char *words_said(size_t i);

#endif
