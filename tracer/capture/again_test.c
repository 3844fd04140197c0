#include "tracer/capture/again_test.h"

#include "tracer/base/clock.h"
#include "tracer/base/text.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- files ---- */

/* A pcap file without a name: records of `bytes` bytes each, all different. */
static int file_of(int records, uint32_t bytes)
{
    static const uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 262144, 1};
    struct text t = {0};
    text_bytes(&t, header, sizeof header);
    for (int i = 0; i < records; i++) {
        uint32_t record[] = {(uint32_t)i, 7, bytes, bytes};
        text_bytes(&t, record, sizeof record);
        text_repeat(&t, (char)('a' + i % 26), bytes);
    }
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t done = 0; done < t.len;) {
        ssize_t n = write(fd, t.s + done, t.len - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    text_free(&t);
    return fd;
}

static struct source *source_of(int fd)
{
    struct error e;
    struct source *s = source_open(&(struct source_options){.fd = fd}, &e);
    if (!s)
        fail_msg("%s", e.text);
    return s;
}

static void read_frames(struct source *s, struct kept_frames *kept, size_t most)
{
    struct capture_frame f;
    struct error e;
    while (kept->count < most && source_next(s, true, &f, &e) == SOURCE_FRAME)
        keep_frame(kept, &f);
}

/* ---- tests ---- */

static void every_capture_of_the_tests_is_had_again(void **state)
{
    (void)state;
    static const char *const patterns[] = {TEST_SOURCE_DIR "/labs/catalog/*/*.pcap",
                                           TEST_SOURCE_DIR "/tracer/tests/fuzz/corpus/capture/*"};
    size_t frames = 0;
    for (size_t i = 0; i < 2; i++) {
        glob_t found;
        assert_int_equal(glob(patterns[i], 0, NULL, &found), 0);
        for (size_t j = 0; j < found.gl_pathc; j++) {
            struct source_options options = {.file = found.gl_pathv[j], .fd = -1};
            struct kept_frames kept = {0};
            struct source *s = source_open(&options, NULL);
            if (!s)
                continue; /* some of the corpus are no captures */
            read_frames(s, &kept, SIZE_MAX);
            assert_again(s, &kept);
            frames += kept.count;
            free(kept.all);
            source_close(s);
        }
        globfree(&found);
    }
    assert_true(frames > 100);
}

static void frames_of_every_size_lie_across_pages(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 1500, 16367, 16368, 16369, 65520, 300000, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct kept_frames kept = {0};
        int fd = file_of(50, sizes[i]);
        struct source *s = source_of(fd);
        read_frames(s, &kept, SIZE_MAX);
        assert_int_equal(kept.count, 50);
        assert_again(s, &kept);
        free(kept.all);
        source_close(s);
        close(fd);
    }
}

static void the_reading_is_not_disturbed(void **state)
{
    (void)state;
    struct kept_frames kept = {0};
    int fd = file_of(3000, 1000);
    struct source *s = source_of(fd);
    for (size_t most = 1; most <= 3000; most++) {
        read_frames(s, &kept, most);
        assert_int_equal(kept.all[most - 1].frame.time_ns, (int64_t)(most - 1) * NS_PER_S + 7);
        assert_frame_again(s, &kept, most * 7919 % most);
        assert_frame_again(s, &kept, most - 1);
        assert_frame_again(s, &kept, 0);
    }
    free(kept.all);
    source_close(s);
    close(fd);
}

static void a_file_that_was_begun_by_another_reader(void **state)
{
    (void)state;
    struct kept_frames kept = {0};
    int fd = file_of(100, 1000), longer = memfd_create("longer", MFD_CLOEXEC);
    uint8_t bytes[4096];
    assert_int_equal(write(longer, "what another reader took", 24), 24);
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
        assert_int_equal(write(longer, bytes, (size_t)n), n);
    assert_int_equal(lseek(longer, 24, SEEK_SET), 24);
    struct source *s = source_of(longer);
    read_frames(s, &kept, SIZE_MAX);
    assert_int_equal(kept.count, 100);
    assert_again(s, &kept);
    free(kept.all);
    source_close(s);
    close(fd);
    close(longer);
}

static void a_file_cut_short_meanwhile_gives_what_is_left(void **state)
{
    (void)state;
    struct kept_frames kept = {0};
    struct capture_frame f;
    int fd = file_of(1000, 1000);
    struct source *s = source_of(fd);
    read_frames(s, &kept, SIZE_MAX);
    uint64_t end = kept.all[500].frame.at;
    assert_int_equal(ftruncate(fd, (off_t)end + 1015), 0); /* one byte less than the record */
    for (size_t i = 999; i >= 500; i--)
        assert_false(source_again(s, kept.all[i].frame.at, &f));
    for (size_t i = 0; i < 500; i++)
        assert_frame_again(s, &kept, i);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_false(source_again(s, UINT64_C(1) << 43, &f));
    assert_false(source_again(s, UINT64_MAX, &f));
    free(kept.all);
    source_close(s);
    close(fd);
}

static void a_file_written_over_meanwhile_does_no_harm(void **state)
{
    (void)state;
    struct kept_frames kept = {0};
    struct capture_frame f;
    uint8_t junk[4096];
    int fd = file_of(1000, 1000);
    struct source *s = source_of(fd);
    read_frames(s, &kept, SIZE_MAX);
    memset(junk, 0xff, sizeof junk);
    for (off_t at = 0; at < 1000000; at += (off_t)sizeof junk)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    for (size_t i = 0; i < 900; i++)
        assert_false(source_again(s, kept.all[i].frame.at, &f));
    free(kept.all);
    source_close(s);
    close(fd);
}

static void progress_goes_from_nothing_to_all(void **state)
{
    (void)state;
    struct kept_frames kept = {0};
    uint64_t done, all, before = 0;
    int fd = file_of(100, 1000);
    struct source *s = source_of(fd);
    for (size_t most = 1; most <= 100; most++) {
        read_frames(s, &kept, most);
        assert_true(source_progress(s, &done, &all));
        assert_true(done > before || most == 1);
        assert_true(done < all || most == 100);
        before = done;
    }
    read_frames(s, &kept, SIZE_MAX);
    assert_true(source_progress(s, &done, &all));
    assert_int_equal(done, all);
    assert_int_equal(all, 24 + 100 * 1016);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_false(source_progress(s, &done, &all));
    free(kept.all);
    source_close(s);
    close(fd);
}

static void a_file_that_grows_is_read_on(void **state)
{
    (void)state;
    struct kept_frames kept = {0};
    int whole = file_of(100, 1000), fd = memfd_create("growing", MFD_CLOEXEC);
    uint8_t bytes[24 + 100 * 1016];
    assert_int_equal(read(whole, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(pwrite(fd, bytes, 24 + 1016, 0), 24 + 1016);
    struct source *s = source_of(fd);
    read_frames(s, &kept, 1);
    assert_frame_again(s, &kept, 0); /* its page is kept, short as it is */
    assert_int_equal(pwrite(fd, bytes, sizeof bytes, 0), sizeof bytes);
    read_frames(s, &kept, SIZE_MAX);
    assert_int_equal(kept.count, 100);
    assert_again(s, &kept);
    free(kept.all);
    source_close(s);
    close(whole);
    close(fd);
}

static void a_pipe_cannot_be_read_again(void **state)
{
    (void)state;
    struct capture_frame f;
    int ends[2], fd = file_of(1, 100);
    uint8_t bytes[24 + 116];
    assert_int_equal(read(fd, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
    struct source *s = source_of(ends[0]);
    assert_int_equal(source_next(s, true, &f, NULL), SOURCE_FRAME);
    assert_false(source_rereads(s));
    uint64_t done, all;
    assert_false(source_progress(s, &done, &all));
    assert_false(source_again(s, f.at, &f));
    source_close(s);
    close(ends[0]);
    close(ends[1]);
    close(fd);
}

/* Not a bound that a busy machine could miss: what is told here is for who works on this. */
static void a_frame_nearby_is_had_quickly(void **state)
{
    (void)state;
    enum { RECORDS = 2000, ROUNDS = 30 };
    struct kept_frames kept = {0};
    struct capture_frame f;
    int fd = file_of(RECORDS, 100);
    struct source *s = source_of(fd);
    read_frames(s, &kept, SIZE_MAX);
    int64_t before = clock_monotonic_ns();
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < RECORDS; i++)
            assert_true(source_again(s, kept.all[i].frame.at, &f));
    int64_t each = (clock_monotonic_ns() - before) / (ROUNDS * RECORDS);
    print_message("a frame again: %lld ns\n", (long long)each);
    assert_true(each < 20000); /* a system call a frame would be near this */
    free(kept.all);
    source_close(s);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_capture_of_the_tests_is_had_again),
        cmocka_unit_test(frames_of_every_size_lie_across_pages),
        cmocka_unit_test(the_reading_is_not_disturbed),
        cmocka_unit_test(a_file_that_was_begun_by_another_reader),
        cmocka_unit_test(a_file_cut_short_meanwhile_gives_what_is_left),
        cmocka_unit_test(a_file_written_over_meanwhile_does_no_harm),
        cmocka_unit_test(progress_goes_from_nothing_to_all),
        cmocka_unit_test(a_file_that_grows_is_read_on),
        cmocka_unit_test(a_pipe_cannot_be_read_again),
        cmocka_unit_test(a_frame_nearby_is_had_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
