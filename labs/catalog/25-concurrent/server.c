/* server [-n CLIENTS] [PORT]: a process for each client. It may wait in recv() for as long as it
 * likes: it is the only one to wait. */
#include "shared/listener.h"
#include "shared/protocol.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that has ended stays in the table of processes, a zombie, until its parent has asked how
 * it ended. One signal may stand for several children. */
static void reap(int signal_number)
{
    int error = errno;
    (void)signal_number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = error; /* the handler may come between a call and the look at its errno */
}

static void serve(const struct listener *l, int fd, unsigned number)
{
    pid_t pid = fork();
    if (pid == 0) {
        close(l->fd); /* only the parent listens */
        converse(fd, number);
        _exit(0); /* not exit(): what stands in the parent's buffers is the parent's to write */
    }
    if (pid < 0)
        perror("fork"); /* no process to be had: this client is not served, the others are */
    close(fd);          /* ours; while one copy is open, the FIN is not sent */
}

int main(int argc, char **argv)
{
    struct listener l = listener_open(argc, argv);
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    if (sigaction(SIGCHLD, &action, NULL) != 0)
        fail("sigaction");
    for (unsigned number = 0; l.clients == 0 || number < l.clients;) {
        int fd = listener_accept(&l);
        if (fd >= 0)
            serve(&l, fd, ++number);
    }
    close(l.fd);
    while (wait(NULL) > 0 || errno == EINTR) /* until there is no child any more */
        ;
    return 0;
}
