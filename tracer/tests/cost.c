/* usage: cost COMMAND [ARGUMENT...]
 *
 * Run a command on one processor, its output thrown away, and print what it cost by the kernel's
 * count: nanoseconds of processor time (user and system), and the most memory it had, in KiB. The
 * time zone is UTC, so that no program pays for looking it up. The exit status is 1, and the
 * command's complaint is shown, where it failed. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The last processor that we may use: the first one is where interrupts go most often. */
static int pin(void)
{
    cpu_set_t may, one;
    if (sched_getaffinity(0, sizeof may, &may) < 0)
        return -1;
    CPU_ZERO(&one);
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
        if (CPU_ISSET((size_t)cpu, &may)) {
            CPU_SET((size_t)cpu, &one);
            break;
        }
    return sched_setaffinity(0, sizeof one, &one);
}

static void run(char **command)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0 || setenv("TZ", "UTC", 1) < 0) {
        perror("cost: the command's surroundings could not be made");
        _exit(127);
    }
    execvp(command[0], command);
    fprintf(stderr, "cost: %s could not be run: %s\n", command[0], strerror(errno));
    _exit(127);
}

static long long ns(struct timeval t)
{
    return (long long)t.tv_sec * 1000000000 + (long long)t.tv_usec * 1000;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: cost COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    if (pin() < 0)
        perror("cost: the command is not kept to one processor");
    pid_t child = fork();
    if (child < 0) {
        perror("cost: the command could not be started");
        return 1;
    }
    if (child == 0)
        run(argv + 1);
    int status;
    struct rusage used;
    while (wait4(child, &status, 0, &used) < 0)
        if (errno != EINTR)
            return 1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return 1;
    printf("%lld %ld\n", ns(used.ru_utime) + ns(used.ru_stime), used.ru_maxrss);
    return 0;
}
