/* What a tier is called, offers and lacks, and the names and addresses in it. */
#include "labs/sandbox/sandbox.h"

#include "tracer/base/words.h"

#include <assert.h>

const char *const sandbox_wire_interfaces[2] = {"c0", "s0"};

/* Locally administered, and readable in a dump: 0C for the client, 05 for the server. */
const unsigned char sandbox_macs[2][6] = {
    {0x02, 0x00, 0x00, 0x00, 0x00, 0x0c},
    {0x02, 0x00, 0x00, 0x00, 0x00, 0x05},
};

static const struct {
    const char *name;
    const char *sentence;
    const char *addresses[2], *addresses6[2];
} tiers[] = {
    [TIER_HOSTS] =
        {"hosts",
         N_("Two hosts of their own with a wire between them, made without root: all that "
            "a lab can show."),
         {"10.0.0.1", "10.0.0.2"},
         {"fd00::1", "fd00::2"}},
    [TIER_ROOT_HOSTS] =
        {"root-hosts",
         N_("Instead, the two hosts are made with root's rights: nothing is missing, "
            "but the programs run as root."),
         {"10.0.0.1", "10.0.0.2"},
         {"fd00::1", "fd00::2"}},
    [TIER_LOOPBACK] =
        {"loopback",
         N_("Instead, both programs run on this machine's loopback, 127.0.0.1, and "
            "their segments are captured there: no wire delays them, so they arrive at "
            "once."),
         {"127.0.0.1", "127.0.0.1"},
         {"::1", "::1"}},
    [TIER_CALLS] = {"calls",
                    N_("Instead, both programs run on this machine's loopback, 127.0.0.1, and only "
                       "their socket calls are seen, no segments."),
                    {"127.0.0.1", "127.0.0.1"},
                    {"::1", "::1"}},
};
static_assert(sizeof tiers / sizeof tiers[0] == TIER_COUNT, "a row for each tier");

const char *sandbox_tier_name(enum sandbox_tier t)
{
    return tiers[t].name;
}

const char *sandbox_tier_sentence(enum sandbox_tier t)
{
    return _(tiers[t].sentence);
}

const char *sandbox_address(enum sandbox_tier t, int host)
{
    return tiers[t].addresses[host];
}

const char *sandbox_address6(enum sandbox_tier t, int host)
{
    return tiers[t].addresses6[host];
}
