/* The standards' own vectors; every length around the edges of a block, held against sha256sum. */
#include "tracer/base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void in_hex(const void *bytes, size_t n, char hex[2 * SHA256_BYTES + 1])
{
    uint8_t digest[SHA256_BYTES];
    digest_sha256(bytes, n, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void the_standards_examples(void **state)
{
    static const char *const examples[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[2 * SHA256_BYTES + 1];
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        in_hex(examples[i][0], strlen(examples[i][0]), hex);
        assert_string_equal(hex, examples[i][1]);
    }
}

static void as_sha256sum(void **state)
{
    char name[] = "/tmp/sha256-test.XXXXXX", command[100];
    uint8_t bytes[200];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    int fd = mkstemp(name);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    snprintf(command, sizeof command, "sha256sum < %s", name);
    for (size_t n = 1; n <= sizeof bytes; n++) {
        char wanted[2 * SHA256_BYTES + 1] = "", hex[2 * SHA256_BYTES + 1];
        assert_int_equal(fwrite(bytes + n - 1, 1, 1, file), 1);
        if (n % 64 > 1 && n % 64 < 54)
            continue; /* what happens there happens next to an edge, too */
        FILE *sum = popen(command, "r");
        assert_non_null(sum);
        bool read = fgets(wanted, sizeof wanted, sum) != NULL;
        pclose(sum);
        assert_true(read);
        in_hex(bytes, n, hex);
        assert_string_equal(hex, wanted);
    }
    fclose(file);
    remove(name);
}

/* RFC 3174's examples, and what is longer than a block. */
static void sha1_too(void **state)
{
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t digest[SHA1_BYTES];
        char hex[2 * SHA1_BYTES + 1];
        digest_sha1(rows[i].text, strlen(rows[i].text), digest);
        for (size_t k = 0; k < SHA1_BYTES; k++)
            snprintf(hex + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(hex, rows[i].hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_examples),
        cmocka_unit_test(as_sha256sum),
        cmocka_unit_test(sha1_too),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
