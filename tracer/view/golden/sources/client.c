/* The client of a story that the tests tell: it is read, not compiled. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <address.h>

int main(void)
{
    struct sockaddr_in to = address("10.0.0.2", 9502);
    const char *greeting = "hello\n";

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");

    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail("connect");
    puts("connected");

    /* six bytes */
    if (write(fd, greeting, strlen(greeting)) < 0)
        fail("write");
    return close(fd);
}
