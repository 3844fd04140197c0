/* Two hosts and the network between them: namespaces, veth pairs, addresses, and the processes that
 * live there. Nothing of it outlives the caller, however the caller ends.
 *
 *      host C            wire             host S
 *      eth0 ------------ c0   s0 -------- eth0
 *      10.0.0.1                           10.0.0.2      fd00::1, fd00::2 where the profile has IPv6
 */
#ifndef LABS_SANDBOX_SANDBOX_H
#define LABS_SANDBOX_SANDBOX_H

#include "labs/sandbox/profile.h"
#include "labs/sandbox/report.h"
#include "tracer/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* How much of a lab this machine allows, best first. */
enum sandbox_tier {
    TIER_HOSTS,      /* user, pid and network namespaces: no root needed */
    TIER_ROOT_HOSTS, /* as root: network namespaces without a user namespace */
    TIER_LOOPBACK,   /* no hosts: programs on loopback, captured with CAP_NET_RAW */
    TIER_CALLS,      /* no capture either: programs on loopback, their calls alone */
    TIER_COUNT,
};

enum sandbox_place { PLACE_WIRE, PLACE_C, PLACE_S, PLACE_COUNT };

/* A process to run in a place. It is forked without exec, keeps standard error and the descriptors
 * listed and no other, is named `name` for ps, and dies with the sandbox. */
struct sandbox_process {
    const char *name;
    enum sandbox_place place;
    int (*run)(void *arg); /* its result is the process's exit status */
    void *arg;
    const int *keep_fds; /* (borrowed) */
    size_t keep_count;
    bool sees_hosts; /* sandbox_diag() works in it */
};

struct sandbox;

/* Build the hosts of `tier` and start the processes. Returns once the network has carried a probe
 * and every process is running; NULL with a sentence that names what was denied and what mends it
 * (status EXIT_MACHINE), everything undone. Freed by sandbox_stop(). */
struct sandbox *sandbox_start(enum sandbox_tier tier, const struct profile *profile,
                              const struct sandbox_process *processes, size_t count,
                              struct error *e);

/* The same, for who wants to know how far it came: on failure *refused_at is the step that was
 * refused, STAGE_FORK where none was tried. */
struct sandbox *sandbox_try(enum sandbox_tier tier, const struct profile *profile,
                            const struct sandbox_process *processes, size_t count,
                            enum stage *refused_at, struct error *e);

/* A descriptor that becomes readable when a process of the sandbox has ended. */
int sandbox_fd(const struct sandbox *s);

/* What its hosts have of what a profile can only wish for. */
const struct got *sandbox_got(const struct sandbox *s);

/* Which process has ended and how (a wait status): 1 and the index into `processes`; 0 where none
 * has since; -1 where the sandbox itself is gone. */
int sandbox_reap(struct sandbox *s, size_t *index, int *wait_status);

/* In a process that sees the hosts: a socket to ask the kernel of host C (0) or S (1) about its own
 * sockets by sock_diag. -1 where there is none to be had. The caller closes it. */
int sandbox_diag(int host);

/* Kill whatever still runs there, wait for the namespaces' last process to be gone, and free. */
void sandbox_stop(struct sandbox *s);

/* "hosts", "root-hosts", "loopback", "calls"; and one sentence on what a tier offers and lacks, to
 * be said after those on why no better one was to be had. */
const char *sandbox_tier_name(enum sandbox_tier t);
const char *sandbox_tier_sentence(enum sandbox_tier t);

/* The addresses of host C (0) and host S (1) in a tier: 10.0.0.1 and 10.0.0.2, or loopback. */
const char *sandbox_address(enum sandbox_tier t, int host);

/* Their IPv6 addresses, where the profile has IPv6: fd00::1 and fd00::2, or loopback. */
const char *sandbox_address6(enum sandbox_tier t, int host);

/* Names of the wire's two interfaces, and the hosts' MAC addresses (C first). */
extern const char *const sandbox_wire_interfaces[2];
extern const unsigned char sandbox_macs[2][6];

/* Run `argv` (a shell for instance) on a host of a lab that this user is running in another
 * terminal, on this terminal, and give its exit status in *status. 1 done; 0 where no such lab
 * runs; -1 with the sentence. */
int sandbox_join(char host, char *const argv[], int *status, struct error *e);

/* What a program run in a place may do there: with `ambient` the capabilities to capture and to
 * configure its own host (for `tcplab shell`), without it none. Call in the process just before
 * exec. 0, or -1 with the sentence. */
int sandbox_set_privileges(bool ambient, struct error *e);

#endif
