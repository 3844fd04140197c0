/* The server of the same story. */
#include <sys/socket.h>

#include <address.h>

int main(void)
{
    int listening = listener(9502);
    for (;;) {
        /* The handshake is done before this returns. */
        int fd = accept(listening, NULL, NULL);
        serve(fd);
    }
}
