#include "labs/sandbox/process.h"

#include "tracer/base/alloc.h"
#include "tracer/base/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

void process_bind(pid_t parent, int signal)
{
    /* The parent may have gone before the kernel was asked to tell. */
    if (prctl(PR_SET_PDEATHSIG, signal) < 0 || getppid() != parent)
        _exit(EXIT_MACHINE);
}

/* Standard input and output lead nowhere, unless the caller has put a kept descriptor there. */
static int close_standard(const struct sandbox_process *process)
{
    for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++) {
        bool kept = false;
        for (size_t i = 0; i < process->keep_count; i++)
            kept |= process->keep_fds[i] == fd;
        if (kept)
            continue;
        int null = open("/dev/null", O_RDWR); /* the lowest free one, which is fd */
        if (null < 0)
            return -1;
        if (null != fd && (dup2(null, fd) < 0 || close(null) < 0))
            return -1;
    }
    return 0;
}

/* Its own network, and for a host a name of its own, which a shell's prompt shows. */
static int enter_place(const struct sandbox_process *process, const int net_fds[PLACE_COUNT])
{
    int net_fd = net_fds[process->place];
    if (net_fd < 0)
        return 0;
    if (setns(net_fd, CLONE_NEWNET) < 0)
        return -1;
    if (process->place == PLACE_WIRE)
        return 0;
    if (unshare(CLONE_NEWUTS) < 0)
        return -1;
    return sethostname(process->place == PLACE_C ? "C" : "S", 1);
}

/* The networks of the hosts, for a process that sees them; the caller is its only thread. */
static int host_nets[2] = {-1, -1};
static int own_net = -1;

int sandbox_diag(int host)
{
    if (host_nets[host] < 0 || setns(host_nets[host], CLONE_NEWNET) < 0)
        return -1;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (setns(own_net, CLONE_NEWNET) < 0)
        _exit(EXIT_MACHINE); /* on a host a wire carries nothing */
    return fd;
}

/* Close what is not the process's own, the report socket excepted. */
static int shed_fds(const struct sandbox_process *process, const int net_fds[PLACE_COUNT],
                    int report_fd)
{
    int *keep = xcalloc(process->keep_count + 4, sizeof *keep);
    size_t n = 0;
    for (; n < process->keep_count; n++)
        keep[n] = process->keep_fds[n];
    keep[n++] = report_fd;
    if (process->sees_hosts) {
        keep[n++] = own_net = net_fds[process->place];
        keep[n++] = host_nets[0] = net_fds[PLACE_C];
        keep[n++] = host_nets[1] = net_fds[PLACE_S];
    }
    inherit_only(keep, n);
    free(keep);
    return close_standard(process);
}

void process_main(const struct plan *plan, size_t index, const int net_fds[PLACE_COUNT],
                  pid_t parent)
{
    const struct sandbox_process *process = &plan->processes[index];
    inherit_no_signals();
    process_bind(parent, SIGKILL);
    setpgid(0, 0);
    prctl(PR_SET_NAME, process->name);
    struct report report = {.type = REPORT_RUNNING, .index = index};
    if (enter_place(process, net_fds) < 0 || shed_fds(process, net_fds, plan->report_fd) < 0) {
        report.type = REPORT_FAILED;
        failed(&report.failure, STAGE_PROCESS, "putting %s in its place", process->name);
    }
    if (report_send(plan->report_fd, &report) < 0 || report.type == REPORT_FAILED)
        _exit(EXIT_MACHINE);
    close(plan->report_fd);
    _exit(process->run(process->arg));
}
