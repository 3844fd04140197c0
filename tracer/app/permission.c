#include "tracer/app/permission.h"

#include <glob.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool permission_to_capture(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct have[2] = {0};
    if (syscall(SYS_capget, &header, have) < 0)
        return geteuid() == 0;
    return have[0].effective >> CAP_NET_RAW & 1;
}

/* Where this program lies, as a shell takes it; its name where that cannot be known. */
static void program_path(struct text *out)
{
    char path[1024];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (n <= 0 || n == (ssize_t)sizeof path) {
        text_add(out, "tcpladder");
        return;
    }
    bool plain = true;
    for (ssize_t i = 0; i < n; i++)
        plain =
            plain && path[i] > ' ' && path[i] < 0x7f && !strchr("'\"\\$`&;|<>()*?[]#~!", path[i]);
    text_add(out, plain ? "" : "'");
    text_safe(out, path, (size_t)n);
    text_add(out, plain ? "" : "'");
}

static void add_group(const char *program, struct text *out)
{
    static const char *const usual[] = {"pcap", "wireshark"};
    const char *group = NULL;
    const struct passwd *user = getpwuid(getuid());
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && !group; i++)
        group = getgrnam(usual[i]) ? usual[i] : NULL;
    if (!group) {
        group = usual[0];
        text_format(out, "    sudo groupadd %s\n", group);
    }
    text_add(out, "    sudo usermod -aG ");
    text_add(out, group);
    text_char(out, ' ');
    text_safe_str(out, user ? user->pw_name : "USER");
    text_format(out,
                "\n    sudo chgrp %s %s\n"
                "    sudo chmod 750 %s\n"
                "    sudo setcap cap_net_raw,cap_net_admin=eip %s\n",
                group, program, program, program);
}

/* A lab's recorded session beside the program, if one is there. */
static void add_session(struct text *out)
{
    char path[1024];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    glob_t found;
    struct text pattern = {0};
    while (n > 0 && n < (ssize_t)sizeof path && path[n - 1] != '/')
        n--;
    if (n <= 0 || n == (ssize_t)sizeof path)
        return;
    text_bytes(&pattern, path, (size_t)n);
    text_add(&pattern, "catalog/*/*.pcap");
    if (glob(text_str(&pattern), 0, NULL, &found) == 0) {
        text_add(out, "    tcpladder -r ");
        text_safe_str(out, found.gl_pathv[0]);
        text_add(out, "\n");
    }
    globfree(&found);
    text_free(&pattern);
}

void permission_advice(const char *interface, struct text *out)
{
    struct text program = {0};
    program_path(&program);
    text_format(out,
                "\nFor everyone who may run the program:\n"
                "    sudo setcap cap_net_raw,cap_net_admin=eip %s\n"
                "For the members of one group, once they have logged in again:\n",
                text_str(&program));
    add_group(text_str(&program), out);
    text_format(out, "For this once:\n    sudo %s", text_str(&program));
    if (interface) {
        text_add(out, " -i ");
        text_safe_str(out, interface);
    }
    text_add(out, "\n\nWithout it, meanwhile: a capture that is there already, or a lab, in which "
                  "two hosts of\nyour own talk and every segment is seen:\n"
                  "    tcpladder -r FILE\n");
    add_session(out);
    text_add(out, "    tcplab run handshake\n");
    text_free(&program);
}
