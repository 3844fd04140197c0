/* threads [-n CLIENTS] [PORT]: a thread for each client. It is a process's work at a smaller price:
 * all threads share memory and descriptors, and so each one's faults. */
#include "shared/listener.h"
#include "shared/protocol.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024 }; /* usual are 8 MiB of addresses each */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_has_gone = PTHREAD_COND_INITIALIZER;
static unsigned running;

struct client {
    int fd;
    unsigned number;
};

static void count(int change)
{
    pthread_mutex_lock(&lock);
    running += (unsigned)change;
    pthread_cond_signal(&one_has_gone);
    pthread_mutex_unlock(&lock);
}

static void *serve(void *given)
{
    struct client client = *(struct client *)given;
    free(given);
    converse(client.fd, client.number);
    count(-1);
    return NULL;
}

/* Each thread gets a struct of its own: a variable of main()'s would be another client's before the
 * thread has looked at it. */
static void start(const pthread_attr_t *how, int fd, unsigned number)
{
    struct client *client = malloc(sizeof *client);
    pthread_t thread;
    count(+1);
    if (client) {
        *client = (struct client){fd, number};
        int error = pthread_create(&thread, how, serve, client);
        if (error == 0)
            return;
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
    }
    free(client);
    close(fd);
    count(-1);
}

int main(int argc, char **argv)
{
    struct listener l = listener_open(argc, argv);
    pthread_attr_t how;
    if (pthread_attr_init(&how) != 0 || pthread_attr_setstacksize(&how, STACK_BYTES) != 0 ||
        pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED) != 0) /* nobody joins it */
        fail("pthread_attr_init");
    for (unsigned number = 0; l.clients == 0 || number < l.clients;) {
        int fd = listener_accept(&l);
        if (fd >= 0)
            start(&how, fd, ++number);
    }
    close(l.fd);
    pthread_mutex_lock(&lock);
    while (running > 0)
        pthread_cond_wait(&one_has_gone, &lock);
    pthread_mutex_unlock(&lock);
    pthread_attr_destroy(&how);
    return 0;
}
