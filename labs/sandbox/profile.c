#include "labs/sandbox/profile.h"

#include "labs/sandbox/profile_texts.h"
#include "labs/sandbox/profile_value.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MTU_LEAST = 576,
    MTU_IPV6 = 1280,
    MTU_MOST = 65535,
    QUEUE_MOST = 1000,
    QUEUE_USUAL = 100,
    LIKE_MOST = 4
};
static const int64_t delay_most_ns = 60 * INT64_C(1000000000);

/* A line of a profile at work. */
struct entry {
    struct profile *profile;
    const char *key, *value;
    bool wished; /* its key has a question mark */
    int depth;   /* of profiles that are like others */
    struct error *error;
};

struct key {
    const char *name;
    const char *wants; /* what its value is, for who wrote another */
    bool (*take)(const struct key *k, const struct entry *e);
    const char *path; /* the kernel setting that it is */
    int64_t least, most;
};

/* ---- kernel settings ------------------------------------------------------------------------ */

static void put_setting(const struct entry *e, const char *path, const char *value, bool optional)
{
    struct profile *p = e->profile;
    size_t i = 0;
    while (i < p->setting_count && strcmp(p->settings[i].path, path) != 0)
        i++;
    if (i == p->setting_count) {
        xgrow(&p->settings, &p->setting_cap, p->setting_count, sizeof *p->settings);
        p->settings[p->setting_count++] = (struct profile_setting){.path = xstrdup(path)};
    }
    struct profile_setting *s = &p->settings[i];
    free(s->value);
    s->value = xstrdup(value);
    s->optional = optional || e->wished;
    s->wished = e->wished && !optional;
}

const char *profile_setting(const struct profile *p, const char *path)
{
    for (size_t i = 0; i < p->setting_count; i++)
        if (strcmp(p->settings[i].path, path) == 0)
            return p->settings[i].value;
    return NULL;
}

static bool take_word(const struct key *k, const struct entry *e)
{
    size_t n = strlen(e->value);
    if (n == 0 || n > 15 || strspn(e->value, "abcdefghijklmnopqrstuvwxyz0123456789_") < n)
        return false;
    put_setting(e, k->path, e->value, false);
    return true;
}

static bool take_switch(const struct key *k, const struct entry *e)
{
    bool on = strcmp(e->value, "on") == 0;
    if (!on && strcmp(e->value, "off") != 0)
        return false;
    put_setting(e, k->path, on ? "1" : "0", false);
    return true;
}

static void put_number(const struct key *k, const struct entry *e, int64_t n)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)n);
    put_setting(e, k->path, digits, false);
}

static bool take_number(const struct key *k, const struct entry *e)
{
    int64_t n;
    if (!value_number(e->value, k->least, k->most, &n))
        return false;
    put_number(k, e, n);
    return true;
}

static bool take_seconds(const struct key *k, const struct entry *e)
{
    int64_t ns;
    if (!value_time(e->value, &ns) || ns % NS_PER_S != 0 || ns / NS_PER_S < k->least ||
        ns / NS_PER_S > k->most)
        return false;
    put_number(k, e, ns / NS_PER_S);
    return true;
}

/* Quiet, too, where there is IPv6: no looking for routers, no other addresses than ours. */
static bool take_ipv6(const struct key *k, const struct entry *e)
{
    static const struct {
        const char *name, *on, *off;
    } rows[] = {
        {"disable_ipv6", "0", "1"},         {"accept_ra", "0", "0"},     {"accept_dad", "0", "0"},
        {"router_solicitations", "0", "0"}, {"addr_gen_mode", "1", "1"},
    };
    bool on = strcmp(e->value, "on") == 0;
    (void)k;
    if (!on && strcmp(e->value, "off") != 0)
        return false;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        char path[80];
        snprintf(path, sizeof path, "net/ipv6/conf/%s/%s", i % 2 ? "default" : "all",
                 rows[i / 2].name);
        put_setting(e, path, on ? rows[i / 2].on : rows[i / 2].off, true);
    }
    e->profile->ipv6 = on;
    return true;
}

/* ---- the wire ------------------------------------------------------------------------------- */

static bool take_delay(const struct key *k, const struct entry *e)
{
    (void)k;
    return value_time(e->value, &e->profile->delay_ns) && e->profile->delay_ns <= delay_most_ns;
}

static bool take_spacing(const struct key *k, const struct entry *e)
{
    (void)k;
    return value_time(e->value, &e->profile->spacing_ns) && e->profile->spacing_ns <= delay_most_ns;
}

static bool take_lateness(const struct key *k, const struct entry *e)
{
    struct profile *p = e->profile;
    (void)k;
    return value_time(e->value, &p->lateness_ns) && p->lateness_ns > 0 &&
           p->lateness_ns <= delay_most_ns;
}

/* "10mbit", "10mbit queue 20". */
static bool take_rate(const struct key *k, const struct entry *e)
{
    const char *end;
    int64_t places = QUEUE_USUAL;
    (void)k;
    if (!value_rate(e->value, &end, &e->profile->bits_per_s))
        return false;
    end += strspn(end, " ");
    if (strncmp(end, "queue ", 6) == 0) {
        if (!value_number(end + 6 + strspn(end + 6, " "), 1, QUEUE_MOST, &places))
            return false;
    } else if (*end) {
        return false;
    }
    e->profile->queue_frames = (size_t)places;
    return true;
}

static bool take_mtu(const struct key *k, const struct entry *e)
{
    int64_t n;
    if (!value_number(e->value, k->least, k->most, &n))
        return false;
    e->profile->mtu_bytes = (uint32_t)n;
    return true;
}

static bool take_rule(const struct key *k, const struct entry *e)
{
    (void)k;
    text_add(&e->profile->rules, e->value);
    text_char(&e->profile->rules, '\n');
    return e->value[0] != '\0';
}

static bool take_title(const struct key *k, const struct entry *e)
{
    (void)k;
    free(e->profile->title);
    e->profile->title = xstrdup(e->value);
    return true;
}

/* ---- keys ----------------------------------------------------------------------------------- */

static const struct key keys[] = {
    {"title", "a line of words", take_title, NULL, 0, 0},
    {"delay", "a time up to a minute, such as 10ms", take_delay, NULL, 0, 0},
    {"spacing", "a time up to a minute, such as 1ms", take_spacing, NULL, 0, 0},
    {"lateness", "a time up to a minute, such as 100ms", take_lateness, NULL, 0, 0},
    {"rate", "none, or a rate and a queue of up to 1000 packets: 10mbit queue 100", take_rate, NULL,
     0, 0},
    {"mtu", "a number of bytes from 576 to 65535", take_mtu, NULL, MTU_LEAST, MTU_MOST},
    {"wire", "a rule of the wire: drop C > S data 3", take_rule, NULL, 0, 0},
    {"congestion", "an algorithm's name: reno, cubic", take_word, "net/ipv4/tcp_congestion_control",
     0, 0},
    {"timestamps", "on or off", take_switch, "net/ipv4/tcp_timestamps", 0, 0},
    {"sack", "on or off", take_switch, "net/ipv4/tcp_sack", 0, 0},
    {"window-scaling", "on or off", take_switch, "net/ipv4/tcp_window_scaling", 0, 0},
    {"ecn", "on or off", take_switch, "net/ipv4/tcp_ecn", 0, 0},
    {"syn-retries", "a number from 1 to 127", take_number, "net/ipv4/tcp_syn_retries", 1, 127},
    {"synack-retries", "a number up to 255", take_number, "net/ipv4/tcp_synack_retries", 0, 255},
    {"retries", "a number up to 255", take_number, "net/ipv4/tcp_retries2", 0, 255},
    {"fin-timeout", "whole seconds from 1s to 3600s", take_seconds, "net/ipv4/tcp_fin_timeout", 1,
     3600},
    {"keepalive-time", "whole seconds from 1s to 32767s", take_seconds,
     "net/ipv4/tcp_keepalive_time", 1, 32767},
    {"keepalive-interval", "whole seconds from 1s to 32767s", take_seconds,
     "net/ipv4/tcp_keepalive_intvl", 1, 32767},
    {"keepalive-probes", "a number from 1 to 127", take_number, "net/ipv4/tcp_keepalive_probes", 1,
     127},
    {"ipv6", "on or off", take_ipv6, NULL, 0, 0},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

/* "net.ipv4.tcp_sack" of the networks that are a host's own. */
static bool is_setting(const char *key)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    bool own = strncmp(key, "net.ipv4.", 9) == 0 || strncmp(key, "net.ipv6.", 9) == 0 ||
               strncmp(key, "net.core.", 9) == 0;
    return own && strspn(key, letters) == strlen(key) && !strstr(key, "..") && strlen(key) < 100;
}

static bool take_setting(const struct entry *e)
{
    char *path = xstrdup(e->key);
    for (char *dot = path; (dot = strchr(dot, '.')); dot++)
        *dot = '/';
    put_setting(e, path, e->value, e->wished);
    free(path);
    return true;
}

static int take_entry(const struct entry *e)
{
    if (is_setting(e->key))
        return take_setting(e) ? 0 : -1;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].name, e->key) != 0)
            continue;
        return keys[i].take(&keys[i], e)
                   ? 0
                   : error_exit(e->error, EXIT_WRONG_USAGE, "%.40s is not '%.60s' but %s.", e->key,
                                e->value, keys[i].wants);
    }
    struct text names = {0};
    for (size_t i = 0; i < KEY_COUNT; i++)
        text_format(&names, "%s%s", i > 0 ? ", " : "", keys[i].name);
    error_exit(
        e->error, EXIT_WRONG_USAGE,
        "'%.40s' is nothing that a profile sets: that is %s, or net.ipv4... by its own name.",
        e->key, text_str(&names));
    text_free(&names);
    return -1;
}

/* ---- a profile's text ----------------------------------------------------------------------- */

static char *trimmed(const char *s, size_t n)
{
    while (n > 0 && isspace((unsigned char)s[0]))
        s++, n--;
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        n--;
    return xstrndup(s, n);
}

static int read_profile(const char *name, struct profile *p, int depth, struct error *e);

/* Take "key: value" or "key=value". */
static int take_words(struct profile *p, const char *s, size_t n, char sign, int depth,
                      struct error *e)
{
    const char *at = memchr(s, sign, n);
    if (!at)
        return error_exit(e, EXIT_WRONG_USAGE, "'%.*s' is no key and value: write delay%c10ms.",
                          (int)(n < 60 ? n : 60), s, sign);
    char *key = trimmed(s, (size_t)(at - s)), *value = trimmed(at + 1, n - (size_t)(at - s) - 1);
    size_t last = strlen(key);
    struct entry entry = {.profile = p, .key = key, .value = value, .depth = depth, .error = e};
    entry.wished = last > 0 && key[last - 1] == '?';
    if (entry.wished)
        key[last - 1] = '\0';
    int result = depth > 0 && strcmp(key, "like") == 0 ? read_profile(value, p, depth + 1, e)
                                                       : take_entry(&entry);
    free(key);
    free(value);
    return result;
}

static int parse(const char *name, const char *text, struct profile *p, int depth, struct error *e)
{
    unsigned line = 1;
    for (const char *s = text; *s; line++) {
        size_t n = strcspn(s, "\n");
        bool blank = strspn(s, " \t\r") >= n || s[strspn(s, " \t")] == '#';
        struct error why = {0};
        if (!blank && take_words(p, s, n, ':', depth, &why) != 0)
            return error_exit(e, EXIT_WRONG_USAGE, "%.100s:%u: %.500s", name, line, why.text);
        s += n + (s[n] == '\n');
    }
    return 0;
}

static int read_file(const char *path, struct text *out, struct error *e)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return error_exit(e, EXIT_WRONG_USAGE, "Cannot open the profile %.200s: %s.", path,
                          strerror(errno));
    size_t n;
    while (out->len < 1 << 20 && (n = fread(text_reserve(out, 4096), 1, 4096, f)) > 0)
        text_commit(out, n);
    bool failed = ferror(f);
    fclose(f);
    return failed ? error_set(e, "Cannot read the profile %.200s.", path) : 0;
}

static int no_such_profile(const char *name, struct error *e)
{
    struct text names = {0};
    for (size_t i = 0; profile_name(i); i++)
        text_format(&names, "%s%s", i > 0 ? ", " : "", profile_name(i));
    error_exit(e, EXIT_WRONG_USAGE,
               "There is no network profile '%.40s': there are %s, and files such as ./my.profile.",
               name, text_str(&names));
    text_free(&names);
    return -1;
}

static int read_profile(const char *name, struct profile *p, int depth, struct error *e)
{
    if (depth > LIKE_MOST)
        return error_exit(e, EXIT_WRONG_USAGE, "Profiles are like each other without end.");
    if (strchr(name, '/')) {
        struct text text = {0};
        int result = read_file(name, &text, e);
        if (result == 0)
            result = parse(name, text_str(&text), p, depth, e);
        text_free(&text);
        return result;
    }
    for (const struct profile_text *t = profile_texts; t->name; t++)
        if (strcmp(t->name, name) == 0)
            return parse(name, (const char *)t->text, p, depth, e);
    return no_such_profile(name, e);
}

int profile_check(const struct profile *p, struct error *e)
{
    if (p->ipv6 && p->mtu_bytes < MTU_IPV6)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "IPv6 takes an MTU of 1280 bytes or more (RFC 8200 section 5), and here "
                          "it is %u: set ipv6 off, or another mtu.",
                          p->mtu_bytes);
    return 0;
}

/* A file that is like no other is like classic: a run must not hang on what the machine has set. */
int profile_read(const char *name, struct profile *p, struct error *e)
{
    *p = (struct profile){.name = xstrdup(name), .queue_frames = QUEUE_USUAL};
    bool own = strchr(name, '/') != NULL;
    if ((own && read_profile(profile_texts[0].name, p, 1, e) != 0) ||
        read_profile(name, p, 1, e) != 0) {
        profile_free(p);
        return -1;
    }
    return 0;
}

void profile_free(struct profile *p)
{
    for (size_t i = 0; i < p->setting_count; i++) {
        free(p->settings[i].path);
        free(p->settings[i].value);
    }
    free(p->settings);
    free(p->name);
    free(p->title);
    text_free(&p->rules);
    text_free(&p->set);
    *p = (struct profile){0};
}

int profile_set(struct profile *p, const char *words, struct error *e)
{
    if (take_words(p, words, strlen(words), '=', 0, e) != 0)
        return -1;
    text_format(&p->set, "%s%s", p->set.len > 0 ? " " : "", words);
    return 0;
}

const struct profile *profile_find(const char *name)
{
    static struct profile **known; /* (owned) to the program's end */
    static size_t count, cap;
    struct profile p;
    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i]->name, name) == 0)
            return known[i];
    if (strchr(name, '/') || profile_read(name, &p, NULL) != 0)
        return NULL;
    xgrow(&known, &cap, count, sizeof *known);
    known[count] = xmalloc(sizeof p);
    *known[count] = p;
    return known[count++];
}

const char *profile_name(size_t i)
{
    for (size_t known = 0; profile_texts[known].name; known++)
        if (known == i)
            return profile_texts[i].name;
    return NULL;
}

static void tell_number(int64_t n, int64_t scale, const char *unit, struct text *out)
{
    text_format(out, "%g%s", (double)n / (double)scale, unit);
}

void profile_tell(const struct profile *p, struct text *out)
{
    text_add(out, "delay ");
    tell_number(p->delay_ns, NS_PER_MS, "ms", out);
    text_add(out, "\nspacing ");
    tell_number(p->spacing_ns, NS_PER_MS, "ms", out);
    text_add(out, "\nlateness ");
    tell_number(p->lateness_ns, NS_PER_MS, "ms", out);
    text_add(out, "\nrate ");
    if (p->bits_per_s > 0) {
        tell_number(p->bits_per_s, 1000000, "mbit", out);
        text_format(out, " queue %zu", p->queue_frames);
    } else {
        text_add(out, "none");
    }
    text_format(out, "\nmtu %u\n", p->mtu_bytes);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const char *value = keys[i].path ? profile_setting(p, keys[i].path) : NULL;
        if (!value)
            continue;
        if (keys[i].take == take_switch)
            value = strcmp(value, "0") != 0 ? "on" : "off";
        text_format(out, "%s %s%s\n", keys[i].name, value, keys[i].take == take_seconds ? "s" : "");
    }
    text_format(out, "ipv6 %s\n", p->ipv6 ? "on" : "off");
    for (const char *s = text_str(&p->rules); *s; s += strcspn(s, "\n") + 1)
        text_format(out, "wire %.*s\n", (int)strcspn(s, "\n"), s);
}
