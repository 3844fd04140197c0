#include "labs/puppet/serve.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    puppet_serve(argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL);
}
