/* The ladder's two rows above the body: who the hosts are, and the states that they are in. */
#include "tracer/view/ladder_parts.h"

#include "tracer/base/words.h"
#include "tracer/view/kernel.h"

static const char *wire(void)
{
    return _("the wire");
}

/* The address of a session's host: of its two the one that the connection is between, if one is
 * shown. */
static const struct address *host_address(const struct ladder *v, int host)
{
    const struct trace_session *session = trace_session(v->trace);
    uint32_t flow = ladder_header_flow(v);
    bool v6 = session->has_ipv6 && flow != TRACE_NONE &&
              !address_is_v4(&trace_flow(v->trace, flow)->ends[0].address);
    return v6 ? &session->addresses6[host] : &session->addresses[host];
}

/* The endpoint on a side of the screen: a session's host by its letter, else the connection's. */
static void host_title(const struct ladder *v, int host, struct text *out)
{
    const struct trace_session *session = trace_session(v->trace);
    uint32_t flow = v->layout.flow;
    if (session->present) {
        text_format(out, "%c ", "CS"[host]);
        address_text(host_address(v, host), out);
        if (host == HOST_RIGHT && session->server_port)
            text_format(out, ":%u", session->server_port);
        return;
    }
    if (flow == TRACE_NONE && trace_flow_count(v->trace) == 1)
        flow = 0;
    if (flow == TRACE_NONE)
        text_add(out, host == HOST_LEFT ? _("opened by") : _("opened to"));
    else
        for (int side = 0; side < SIDE_COUNT; side++)
            if (layout_host(v->trace, flow, side) == host)
                endpoint_text(&trace_flow(v->trace, flow)->ends[side], out);
}

static enum tcp_state state_at_cursor(const struct ladder *v, int host)
{
    if (v->cursor >= v->layout.count)
        return STATE_UNKNOWN;
    enum tcp_state s = layout_state(&v->layout, v->cursor, host);
    bool session = trace_session(v->trace)->present;
    return s == STATE_UNKNOWN && session ? STATE_CLOSED : s;
}

uint32_t ladder_header_flow(const struct ladder *v)
{
    if (v->layout.flow != TRACE_NONE)
        return v->layout.flow;
    return trace_flow_count(v->trace) == 1 ? 0 : TRACE_NONE;
}

/* The columns for a host's state: its margin, and the lanes up to the words in their middle. */
static struct area state_room(const struct ladder_columns *c, int host, struct area a)
{
    int half = (c->lanes.cols - grid_width_of(wire())) / 2 - 1, cols = c->margin[host].cols + 2;
    if (half > 0)
        cols += half;
    int col = host == HOST_LEFT ? c->margin[host].col : a.col + a.cols - cols;
    return (struct area){a.row + 1, col, 1, cols};
}

/* Where the kernel has an end in another state, its word stands beside ours: ", kernel: CLOSED". */
static void draw_kernel(const struct ladder *v, int host, const char *name, struct grid *g,
                        struct area a)
{
    uint32_t flow = ladder_header_flow(v);
    if (flow == TRACE_NONE || trace_kernel_count(v->trace) == 0)
        return;
    int side =
        layout_host(v->trace, flow, SIDE_INITIATOR) == host ? SIDE_INITIATOR : SIDE_RESPONDER;
    struct kernel_look look = kernel_look_at(v->trace, flow, side, ladder_event(v, v->cursor));
    if (!look.differs)
        return;
    struct text words = {0};
    text_format(&words, _("%s, kernel: %s"), name, tcp_state_name(look.word->state));
    if (grid_width_of(text_str(&words)) > a.cols) {
        text_clear(&words);
        text_format(&words, _("%s, not for kernel"), name);
    }
    if (host == HOST_LEFT)
        grid_write(g, a.row, a.col, a.cols, text_str(&words), ROLE_ERROR);
    else
        grid_write_right(g, a.row, a.col, a.cols, text_str(&words), ROLE_ERROR);
    text_free(&words);
}

void ladder_draw_header(const struct ladder *v, const struct ladder_columns *c, struct grid *g,
                        struct area a)
{
    bool session = trace_session(v->trace)->present && v->layout.flow_count < 2;
    bool one = session || v->layout.flow != TRACE_NONE || trace_flow_count(v->trace) == 1;
    for (int h = 0; h < HOST_COUNT; h++) {
        struct text title = {0};
        host_title(v, h, &title);
        int half = c->lanes.cols / 2 - 6, width = c->margin[h].cols + 2 + (half > 0 ? half : 0);
        int col = h == HOST_LEFT ? c->margin[h].col : a.col + a.cols - width;
        enum tcp_state state = state_at_cursor(v, h);
        const char *name = one && state != STATE_UNKNOWN ? tcp_state_name(state) : "";
        if (h == HOST_LEFT || grid_width_of(text_str(&title)) <= c->margin[h].cols) {
            col = c->margin[h].col;
            width = c->margin[h].cols + (h == HOST_LEFT ? 2 + (half > 0 ? half : 0) : 0);
            grid_write(g, a.row, col, width, text_str(&title), ladder_role_of_host(h));
        } else {
            grid_write_right(g, a.row, col, width, text_str(&title), ladder_role_of_host(h));
        }
        grid_write(g, a.row + 1, c->margin[h].col, c->margin[h].cols, name, ROLE_STATE);
        if (*name)
            draw_kernel(v, h, name, g, state_room(c, h, a));
        text_free(&title);
    }
    grid_write(g, a.row + 1, c->lanes.col + (c->lanes.cols - grid_width_of(wire())) / 2,
               grid_width_of(wire()), wire(), ROLE_DIM);
}
