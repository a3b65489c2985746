/* Times of a route, what limits schools and days, and changes of a route. */

#include "routes.h"

static inline const int16_t *get_starts_of(const Search *s, const int16_t *table, int32_t room, int32_t day) {
    return table + (int64_t)s->kinds[(int64_t)room * s->days + day] * (s->slots + 1);
}

static int32_t find_first_start(const Search *s, int32_t route, int32_t room, int32_t ready) {
    const int32_t *span = s->hours + (int64_t)route * s->span_count * 2, *end = span + 2 * s->hour_counts[route];
    const int16_t *nexts = get_starts_of(s, s->nexts, room, s->route_day[route]);
    for (; span < end; span += 2) {
        if (ready + s->minutes[room] > span[1]) continue;
        int32_t slot = s->ceil_slot[ready > span[0] ? ready : span[0]];
        if (slot <= s->slots && nexts[slot] + s->minutes[room] <= span[1]) return nexts[slot];
    }
    return -1;
}

static int32_t find_last_start(const Search *s, int32_t route, int32_t room, int32_t limit) {
    const int32_t *first = s->hours + (int64_t)route * s->span_count * 2, *span = first + 2 * s->hour_counts[route] - 2;
    const int16_t *lasts = get_starts_of(s, s->lasts, room, s->route_day[route]);
    for (; span >= first; span -= 2) {
        int32_t latest = (span[1] < limit ? span[1] : limit) - s->minutes[room];
        if (latest < span[0]) continue;
        int32_t slot = latest / s->grid;
        int32_t start = lasts[slot < s->slots ? slot : s->slots];
        if (start >= span[0]) return start;
    }
    return -1;
}

/* Start each room as early as possible; return 0 if they do not fit. */
static int start_early(const Search *s, int32_t route, const int32_t *rooms, const int32_t *pinned, int32_t count,
                       int32_t *begins) {
    int32_t ready = 0, before = s->schools, side = s->schools + 1;
    for (int32_t k = 0; k < count; k++) {
        int32_t room = rooms[k], start;
        ready += s->gap[before * side + s->school[room]];
        start = pinned[k] >= 0 ? (pinned[k] >= ready ? pinned[k] : -1) : find_first_start(s, route, room, ready);
        if (start < 0) return 0;
        begins[k] = start;
        ready = start + s->minutes[room];
        before = s->school[room];
    }
    return 1;
}

/* Start each room as late as possible, so that all is over by a minute; return 0 if they do not fit. */
static int start_late(const Search *s, int32_t route, const int32_t *rooms, const int32_t *pinned, int32_t count,
                      int32_t *begins, int32_t limit) {
    int32_t after = s->schools, side = s->schools + 1;
    for (int32_t k = count - 1; k >= 0; k--) {
        int32_t room = rooms[k], start;
        limit -= s->gap[s->school[room] * side + after];
        start = pinned[k] < 0 ? find_last_start(s, route, room, limit)
                              : (pinned[k] + s->minutes[room] <= limit ? pinned[k] : -1);
        if (start < 0) return 0;
        begins[k] = limit = start;
        after = s->school[room];
    }
    return 1;
}

int32_t measure_span(const Search *s, int32_t route) {
    int32_t count = s->counts[route];
    const int32_t *begins = s->begins + (int64_t)route * s->width, *stops = s->stops + (int64_t)route * s->width;
    return count ? begins[count - 1] + s->minutes[stops[count - 1]] - begins[0] : 0;
}

int32_t measure_travel(const Search *s, int32_t route) {
    const int16_t *at = s->schools_at + (int64_t)route * (s->width + 2);
    int32_t travel = 0;
    for (int32_t k = 1; k < s->counts[route]; k++) travel += s->travel[at[k] * (s->schools + 1) + at[k + 1]];
    return travel;
}

/* Compute a person's hours on the day, without what the minutes of the week no longer reach. */
static void compute_hours(Search *s, int32_t route) {
    int32_t week = s->route_week[route], count = 0, first = 0, last = NEVER;
    int32_t *hours = s->hours + (int64_t)route * s->span_count * 2;
    s->hour_counts[route] = 0;
    if (week >= 0) {
        int32_t own = measure_span(s, route), spare = s->week_left[week];
        if (own + spare <= 0) return;
        if (s->counts[route]) {
            first = s->begins[(int64_t)route * s->width] - spare;
            last = s->begins[(int64_t)route * s->width] + own + spare;
        }
    }
    for (int32_t k = s->span_from[route]; k < s->span_from[route + 1]; k++) {
        int32_t begins = s->spans[2 * k] > first ? s->spans[2 * k] : first;
        int32_t ends = s->spans[2 * k + 1] < last ? s->spans[2 * k + 1] : last;
        if (begins >= ends) continue;
        hours[2 * count] = begins;
        hours[2 * count++ + 1] = ends;
    }
    s->hour_counts[route] = count;
}

/* Compute the gaps of a route; all of them are closed if its visits no longer fit the hours. */
void compute_gaps(Search *s, int32_t route) {
    int32_t count = s->counts[route], early[MOST_STOPS], late[MOST_STOPS];
    const int32_t *rooms = s->stops + (int64_t)route * s->width, *pinned = s->pinned + (int64_t)route * s->width;
    int16_t *ends = s->ends + (int64_t)route * (s->width + 2), *starts = s->starts + (int64_t)route * (s->width + 2);
    int16_t *at = s->schools_at + (int64_t)route * (s->width + 2);
    uint64_t mask = 0;
    compute_hours(s, route);
    at[0] = at[count + 1] = (int16_t)s->schools;
    for (int32_t k = 0; k < count; k++) {
        at[k + 1] = (int16_t)s->school[rooms[k]];
        mask |= 1ull << (at[k + 1] & 63);
    }
    s->school_masks[route] = mask;
    s->widest[route] = -1;
    if (!s->hour_counts[route] || !start_early(s, route, rooms, pinned, count, early) ||
        !start_late(s, route, rooms, pinned, count, late, NEVER)) {
        for (int32_t k = 0; k <= count; k++) {
            ends[k] = NEVER;
            starts[k] = -NEVER;
        }
        return;
    }
    const int32_t *hours = s->hours + (int64_t)route * s->span_count * 2;
    ends[0] = (int16_t)hours[0];
    starts[count] = (int16_t)hours[2 * s->hour_counts[route] - 1];
    for (int32_t k = 0; k < count; k++) {
        ends[k + 1] = (int16_t)(early[k] + s->minutes[rooms[k]]);
        starts[k] = (int16_t)late[k];
    }
    for (int32_t k = 0; k <= count; k++)
        if (starts[k] - ends[k] > s->widest[route]) s->widest[route] = starts[k] - ends[k];
}

/* Compute the gaps of a route, and of those that share the minutes of its week. */
static void compute_week(Search *s, int32_t route) {
    int32_t week = s->route_week[route];
    if (week < 0) compute_gaps(s, route);
    else
        for (int32_t k = s->week_from[week]; k < s->week_from[week + 1]; k++) compute_gaps(s, s->week_routes[k]);
}

/* Count a visit in, or out with the sign -1. */
void count_visit(Search *s, int32_t room, int32_t day, int32_t start, int32_t sign) {
    int32_t school = s->school[room], last = s->ceil_slot[start + s->minutes[room]];
    uint16_t *crowd = s->crowd + ((int64_t)school * s->days + day) * (s->slots + 1);
    for (int32_t slot = start / s->grid; slot < last; slot++) crowd[slot] = (uint16_t)(crowd[slot] + sign);
    if (s->has_counts) {
        s->left_in_school[school * s->days + day] -= sign;
        s->left_in_week[s->calendar_week[day]] -= sign;
    }
    for (int32_t later = s->has_stock ? day : s->days; later < s->days; later++)
        s->stock_left[later] -= sign * s->devices[room];
}

/* Return whether the limits and the stock allow one more visit of the room on a day. */
static int allows_day(const Search *s, int32_t room, int32_t day) {
    int32_t school = s->school[room];
    if (s->has_counts &&
        (s->left_in_school[school * s->days + day] < 1 || s->left_in_week[s->calendar_week[day]] < 1))
        return 0;
    for (int32_t later = s->has_stock && s->devices[room] ? day : s->days; later < s->days; later++)
        if (s->stock_left[later] < s->devices[room]) return 0;
    return 1;
}

static int is_crowded(const Search *s, int32_t room, int32_t day, int32_t start) {
    int32_t school = s->school[room], last = s->ceil_slot[start + s->minutes[room]];
    const uint16_t *crowd = s->crowd + ((int64_t)school * s->days + day) * (s->slots + 1);
    for (int32_t slot = start / s->grid; slot < last; slot++)
        if (crowd[slot] >= s->at_once[school]) return 1;
    return 0;
}

int allows_visit(const Search *s, int32_t room, int32_t day, int32_t start) {
    return allows_day(s, room, day) && !is_crowded(s, room, day, start);
}

static void count_movable(Search *s, int32_t route, int32_t sign) {
    int64_t row = (int64_t)route * s->width;
    for (int32_t k = 0; k < s->counts[route]; k++)
        if (s->pinned[row + k] < 0)
            count_visit(s, s->stops[row + k], s->route_day[route], s->begins[row + k], sign);
}

/* Build a route's sequence with a room put in at a place, pinned to a start unless that is -1; room -1 puts none in. */
void build_sequence(const Search *s, int32_t route, Place place, int32_t room, int32_t start, Sequence *out) {
    const int32_t *stops = s->stops + (int64_t)route * s->width, *pinned = s->pinned + (int64_t)route * s->width;
    int32_t count = 0;
    for (int32_t k = 0; k < s->counts[route]; k++) {
        if (k == place.at && room >= 0) {
            out->rooms[count] = room;
            out->pinned[count++] = start;
        }
        if (k >= place.at && k < place.at + place.leaving) continue;
        out->rooms[count] = stops[k];
        out->pinned[count++] = pinned[k];
    }
    if (place.at == s->counts[route] && room >= 0) {
        out->rooms[count] = room;
        out->pinned[count++] = start;
    }
    out->count = count;
}

/* Count the visits of a sequence in, each as early as its school has place; return how many were counted. */
static int32_t place_early(Search *s, int32_t route, const Sequence *sequence, int32_t *begins) {
    int32_t day = s->route_day[route], ready = 0, before = s->schools, side = s->schools + 1;
    for (int32_t k = 0; k < sequence->count; k++) {
        int32_t room = sequence->rooms[k], start = sequence->pinned[k];
        ready += s->gap[before * side + s->school[room]];
        if (start < 0) {
            if (!allows_day(s, room, day)) return k;
            start = find_first_start(s, route, room, ready);
            while (start >= 0 && is_crowded(s, room, day, start)) start = find_first_start(s, route, room, start + 1);
            if (start < 0) return k;
            count_visit(s, room, day, start, 1);
        } else if (start < ready) return k;
        begins[k] = start;
        ready = start + s->minutes[room];
        before = s->school[room];
    }
    return sequence->count;
}

/* Count the visits of a sequence in, all of them in as few minutes as possible; return how many were counted. */
static int32_t place_tightly(Search *s, int32_t route, const Sequence *sequence, int32_t *begins) {
    int32_t day = s->route_day[route], count = sequence->count;
    const int32_t *rooms = sequence->rooms, *pinned = sequence->pinned;
    if (!count || !start_early(s, route, rooms, pinned, count, begins)) return 0;
    int32_t end = begins[count - 1] + s->minutes[rooms[count - 1]];
    if (!start_late(s, route, rooms, pinned, count, begins, end)) return 0;
    for (int32_t k = 0; k < count; k++) {
        if (pinned[k] >= 0) continue;
        if (!allows_visit(s, rooms[k], day, begins[k])) return k;
        count_visit(s, rooms[k], day, begins[k], 1);
    }
    return count;
}

/* Give a route another sequence; return 0, and change nothing, if a rule does not allow it. */
int set_sequence(Search *s, int32_t route, const Sequence *sequence) {
    int32_t begins[MOST_STOPS + 1], count = sequence->count, day = s->route_day[route], week = s->route_week[route];
    const int32_t *rooms = sequence->rooms, *pinned = sequence->pinned;
    int64_t row = (int64_t)route * s->width;
    int32_t own = measure_span(s, route), span = 0;
    if (count > s->width) return 0;
    count_movable(s, route, -1);
    int32_t placed = week < 0 ? place_early(s, route, sequence, begins) : place_tightly(s, route, sequence, begins);
    if (placed == count && week >= 0 && count) {
        span = begins[count - 1] + s->minutes[rooms[count - 1]] - begins[0];
        if (span > s->week_left[week] + own) placed = -count;
    }
    if (placed != count) {
        for (int32_t k = 0; k < abs(placed); k++)
            if (pinned[k] < 0) count_visit(s, rooms[k], day, begins[k], -1);
        count_movable(s, route, 1);
        return 0;
    }
    if (week >= 0) s->week_left[week] += own - span;
    for (int32_t k = 0; k < s->counts[route]; k++)
        if (s->pinned[row + k] < 0) s->route_of[s->stops[row + k]] = -1;
    for (int32_t k = 0; k < count; k++) {
        s->stops[row + k] = rooms[k];
        s->pinned[row + k] = pinned[k];
        s->begins[row + k] = begins[k];
        if (pinned[k] < 0) s->route_of[rooms[k]] = route;
    }
    s->counts[route] = count;
    compute_week(s, route);
    return 1;
}

void save_route(const Search *s, int32_t route, SavedRoute *saved) {
    int64_t row = (int64_t)route * s->width;
    size_t size = (size_t)s->counts[route] * sizeof(int32_t);
    saved->route = route;
    saved->count = s->counts[route];
    memcpy(saved->stops, s->stops + row, size);
    memcpy(saved->pinned, s->pinned + row, size);
    memcpy(saved->begins, s->begins + row, size);
}

void restore_routes(Search *s, const SavedRoute *saved, int32_t count) {
    for (int32_t k = 0; k < count; k++) {
        int32_t route = saved[k].route, week = s->route_week[route];
        int64_t row = (int64_t)route * s->width;
        if (week >= 0) s->week_left[week] += measure_span(s, route);
        count_movable(s, route, -1);
        for (int32_t i = 0; i < s->counts[route]; i++)
            if (s->pinned[row + i] < 0) s->route_of[s->stops[row + i]] = -1;
        s->counts[route] = 0;
    }
    for (int32_t k = 0; k < count; k++) {
        int32_t route = saved[k].route, week = s->route_week[route];
        int64_t row = (int64_t)route * s->width;
        size_t size = (size_t)saved[k].count * sizeof(int32_t);
        s->counts[route] = saved[k].count;
        memcpy(s->stops + row, saved[k].stops, size);
        memcpy(s->pinned + row, saved[k].pinned, size);
        memcpy(s->begins + row, saved[k].begins, size);
        count_movable(s, route, 1);
        for (int32_t i = 0; i < s->counts[route]; i++)
            if (s->pinned[row + i] < 0) s->route_of[s->stops[row + i]] = route;
        if (week >= 0) s->week_left[week] -= measure_span(s, route);
    }
    for (int32_t k = 0; k < count; k++) compute_week(s, saved[k].route);
}

int32_t find_stop(const Search *s, int32_t route, int32_t room) {
    const int32_t *stops = s->stops + (int64_t)route * s->width;
    int32_t at = 0;
    while (stops[at] != room) at++;
    return at;
}
