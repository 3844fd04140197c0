#include "labs/puppet/serve.h"

#include <stddef.h>

/* tcplab-puppet [C S [C6 S6]]: the hosts' addresses */
int main(int argc, char **argv)
{
    const char *addresses[4] = {NULL};
    for (int i = 0; i < 4 && i + 1 < argc; i++)
        addresses[i] = argv[i + 1];
    puppet_serve(addresses);
}
