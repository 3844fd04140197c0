#include "tracer/capture/spool.h"

#include "tracer/base/alloc.h"
#include "tracer/capture/again_test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGEST = 1 << 20 };
static uint8_t content[2 * LARGEST];

/* Frame number `i` of every test: all sizes, all fields different. */
static struct capture_frame frame_of(uint32_t i)
{
    static const uint32_t sizes[] = {60, 0, 1500, 1, 65535, 60, 54, 9000, 65536 - 24, LARGEST};
    uint32_t n = sizes[i % 10];
    return (struct capture_frame){
        .time_ns = (int64_t)i * 1000003 - 5000,
        .linktype = (int)(i % 300),
        .bytes = content + i % LARGEST,
        .captured_bytes = n,
        .wire_bytes = n + i % 7,
        .interface = i % 5,
    };
}

static struct spool *make(uint64_t limit_bytes)
{
    struct error e;
    struct spool *s = spool_new(limit_bytes, &e);
    if (!s)
        fail_msg("%s", e.text);
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    return s;
}

static void check(struct spool *s, uint64_t at, uint32_t i)
{
    struct capture_frame f, expected = frame_of(i);
    expected.at = at;
    if (!spool_again(s, at, &f))
        fail_msg("frame %u is not to be had again", i);
    assert_same_frame(&f, &expected);
    assert_true(sum_of(&f) == sum_of(&expected));
}

static void frames_come_again_in_any_order(void **state)
{
    (void)state;
    enum { FRAMES = 300 };
    uint64_t at[FRAMES], random = 1;
    struct spool *s = make(0);
    struct capture_frame f;
    assert_false(spool_again(s, 0, &f));
    for (uint32_t i = 0; i < FRAMES; i++) {
        struct capture_frame put = frame_of(i);
        assert_int_equal(spool_put(s, &put, &at[i], NULL), 0);
        assert_true(at[i] < UINT64_C(1) << 44);
        check(s, at[i], i); /* while more come: of the tail, and of the file */
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t any = (uint32_t)(random >> 33) % (i + 1);
        check(s, at[any], any);
    }
    for (uint32_t i = FRAMES; i-- > 0;)
        check(s, at[i], i);
    assert_int_equal(spool_frames(s), FRAMES);
    assert_false(spool_again(s, spool_bytes(s), &f));
    assert_false(spool_again(s, UINT64_MAX, &f));
    spool_free(s);
}

static void the_limit_holds(void **state)
{
    (void)state;
    enum { LIMIT = 2500000 };
    uint64_t at[1000], none;
    uint32_t kept = 0;
    struct spool *s = make(LIMIT);
    struct error e = {0};
    struct capture_frame put = frame_of(0);
    while (kept < 1000 && spool_put(s, &put, &at[kept], &e) == 0)
        put = frame_of(++kept);
    assert_true(spool_bytes(s) <= LIMIT && spool_bytes(s) > LIMIT / 2);
    assert_int_equal(spool_frames(s), kept);
    assert_non_null(strstr(e.text, "--limit"));
    put = frame_of(1); /* it would have room, but what is kept has no holes */
    assert_int_equal(spool_put(s, &put, &none, NULL), -1);
    for (uint32_t i = 0; i < kept; i++)
        check(s, at[i], i);
    spool_free(s);
}

static void a_full_disk_loses_nothing_that_was_kept(void **state)
{
    (void)state;
    uint64_t at[1000];
    struct error e = {0};
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 150001; /* within a frame */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct spool *s = make(0);
    uint32_t kept = 0;
    struct capture_frame put = frame_of(0);
    while (kept < 1000 && spool_put(s, &put, &at[kept], &e) == 0)
        put = frame_of(++kept);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_in_range(kept, 5, 20);
    assert_non_null(strstr(e.text, "cannot grow (File too large)"));
    for (uint32_t i = 0; i < kept; i++)
        check(s, at[i], i);
    assert_int_equal(spool_put(s, &put, &at[0], NULL), -1);
    spool_free(s);
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    char folder[] = "/tmp/tcpladder-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    struct spool *s = make(0);
    assert_false(spool_in_memory(s));
    assert_int_equal(rmdir(folder), 0); /* it is empty already */
    struct capture_frame put = frame_of(2);
    uint64_t at;
    assert_int_equal(spool_put(s, &put, &at, NULL), 0);
    spool_free(s);
    s = make(0); /* a TMPDIR that is no more */
    assert_false(spool_in_memory(s));
    spool_free(s);
    unsetenv("TMPDIR");
}

/* In a world without a folder to write to: 0 where all went well, 77 where there is no such world.
 */
static int in_an_empty_world(const char *folder)
{
    uint64_t at;
    struct error e;
    struct capture_frame put = frame_of(4), f;
    if (geteuid() != 0 && unshare(CLONE_NEWUSER) != 0)
        return 77;
    if (chroot(folder) != 0 || chdir("/") != 0)
        return 77;
    struct spool *s = spool_new(200000, &e);
    if (!s || !spool_in_memory(s))
        return 1;
    for (int i = 0; i < 3; i++)
        if (spool_put(s, &put, &at, &e) != 0 || !spool_again(s, at, &f) ||
            memcmp(f.bytes, put.bytes, put.captured_bytes) != 0)
            return 2;
    if (spool_put(s, &put, &at, &e) == 0)
        return 3; /* the limit holds here too */
    spool_free(s);
    return 0;
}

static void without_a_folder_it_is_in_memory(void **state)
{
    (void)state;
    char folder[] = "/tmp/tcpladder-test-XXXXXX";
    int status = 0;
    assert_non_null(mkdtemp(folder));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(in_an_empty_world(folder));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(rmdir(folder), 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: this machine lets us have no root folder of our own\n");
        skip();
    }
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_again_in_any_order),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(a_full_disk_loses_nothing_that_was_kept),
        cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(without_a_folder_it_is_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
