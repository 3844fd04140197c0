/* The program that stands on a host of `tcplab play`. */
#ifndef LABS_PUPPET_SERVE_H
#define LABS_PUPPET_SERVE_H

/* Make the calls that standard input tells, up to its end or `exit`, and end the process. The
 * addresses are those of hosts C and S, NULL where there are no such hosts. */
_Noreturn void puppet_serve(const char *address_c, const char *address_s);

#endif
