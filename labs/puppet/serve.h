/* The program that stands on a host of `tcplab play`. */
#ifndef LABS_PUPPET_SERVE_H
#define LABS_PUPPET_SERVE_H

/* Make the calls that standard input tells, up to its end or `exit`, and end the process. The
 * addresses are those of hosts C and S by IPv4, then of both by IPv6; NULL for none. */
_Noreturn void puppet_serve(const char *const addresses[4]);

#endif
