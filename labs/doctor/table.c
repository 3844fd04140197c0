/* All that the doctor looks at, in the order in which it is told. */
#include "labs/doctor/check.h"

#include <stdlib.h>

#define HOSTS    "Two hosts and a wire"
#define LOOPBACK "Without hosts"
#define PROGRAMS "Programs and their calls"
#define GRADING  "Grading strangers' programs"
#define SCREEN   "The screen"
#define BUILD    "This build of tcplab"

const struct check checks[] = {
    {HOSTS, "user-namespaces", "user namespaces", check_user_namespaces, NULL, false},
    {HOSTS, "apparmor", "AppArmor", check_apparmor, NULL, false},
    {HOSTS, "network-namespaces", "networks", check_namespaces, NULL, false},
    {HOSTS, "settings", "kernel settings", check_settings, NULL, false},
    {HOSTS, "veth", "veth pairs", check_veth, NULL, false},
    {HOSTS, "wire", "the wire", check_wire, NULL, false},
    {HOSTS, "sock-diag", "sock_diag", check_diag, "sudo modprobe tcp_diag", false},
    {HOSTS, "congestion", "congestion", check_congestion, NULL, false},
    {LOOPBACK, "loopback", "capture on lo", check_loopback, "sudo ip link set lo up", false},
    {PROGRAMS, "ptrace", "ptrace", check_ptrace, NULL, true},
    {PROGRAMS, "seccomp", "seccomp filter", check_filter, NULL, false},
    {PROGRAMS, "descriptors", "pidfd_getfd", check_descriptors,
     "docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined", false},
    {PROGRAMS, "console", "consoles", check_console, NULL, true},
    {PROGRAMS, "proc", "/proc", check_proc, "sudo mount -t proc proc /proc", false},
    {GRADING, "containment", "cells", check_containment, NULL, false},
    {SCREEN, "terminal", "terminal", check_terminal, NULL, false},
    {SCREEN, "colours", "colours", check_colours, "export TERM=xterm-256color", false},
    {SCREEN, "locale", "UTF-8", check_locale, NULL, false},
    {BUILD, "libmnl", "libmnl", check_mnl, NULL, false},
    {BUILD, "jansson", "jansson", check_jansson, NULL, true},
    {BUILD, "libseccomp", "libseccomp", check_seccomp, NULL, false},
    {BUILD, "libdw", "libdw", check_dw, NULL, false},
    {BUILD, "gettext", "gettext", check_words, NULL, false},
};
const size_t check_count = sizeof checks / sizeof checks[0];
