/* one [-n CLIENTS] [PORT]: one client after the other, as simple as can be. */
#include "shared/listener.h"
#include "shared/protocol.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    struct listener l = listener_open(argc, argv);
    for (unsigned number = 0; l.clients == 0 || number < l.clients;) {
        int fd = listener_accept(&l);
        if (fd >= 0)
            converse(fd, ++number);
    }
    close(l.fd);
    return 0;
}
