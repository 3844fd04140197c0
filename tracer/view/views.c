#include "tracer/view/view.h"

const struct view_type *const view_types[] = {
    &ladder_view, &connections_view, &states_view, &stream_view, &calls_view,
    &code_view,   &findings_view,    &plots_view,  &detail_view,
};
const size_t view_type_count = sizeof view_types / sizeof view_types[0];
