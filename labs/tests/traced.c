/* Runs a command under the call tracer alone, as a lab does on a host: to measure what that costs,
 * and to see that the command does as it does without.
 *
 *   traced FILE COMMAND [ARGUMENT...]   what is told of its calls goes to FILE, as a capture
 */
#include "labs/calls/calls.h"
#include "tracer/session/stream.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct error e;
    int control[2], status;
    if (argc < 3) {
        fputs("usage: traced FILE COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0 || pipe2(control, O_CLOEXEC) != 0 || write(control[1], "g", 1) != 1) {
        perror(argv[1]);
        return 1;
    }
    struct stream_writer *header = stream_writer_new(out, true);
    if (!stream_flush(header, true)) {
        perror(argv[1]);
        return 1;
    }
    stream_writer_free(header);
    const struct calls_options options = {
        .host = 'C', .argv = argv + 2, .tty_fd = -1, .out_fd = out, .control_fd = control[0]};
    if (calls_run(&options, &status, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        return e.status;
    }
    return status;
}
