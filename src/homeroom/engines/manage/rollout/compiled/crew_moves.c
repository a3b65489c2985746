/* Moves of crews: two people in one room at the same time, together with strings of what they do around it. */

#include "moves.h"

#define MOST_OPTIONS 256   /* spans of a day in which one person could be in the room */
#define SAME_DAY_SHARE 0.5 /* of crews that stay on their day */
#define RUIN_SHARE 0.7     /* of routes of the day's people in the school that lose a string as well */

/* A gap of a route in which a visit may begin from `low` to `high`. */
typedef struct {
    Place place;
    int32_t low, high;
    double cost;
} Option;

static int32_t draw_day(Search *s, const Step *step) {
    if (step->crew_routes[0] >= 0 && draw(s) < SAME_DAY_SHARE) return s->route_day[step->crew_routes[0]];
    return s->route_day[draw_below(s, s->routes)];
}

/* Take the crew's visit out of both routes; return 0 if a rule stands against how the other visits move then. */
static int take_out_crew(Search *s, Step *step) {
    int32_t room = step->crew;
    Sequence sequence;
    for (int32_t i = 0; i < 2; i++) {
        int32_t route = step->crew_routes[i];
        if (!save_once(s, step, route)) return 0;
        build_sequence(s, route, (Place){route, find_stop(s, route, room), 1}, -1, -1, &sequence);
        if (!set_sequence(s, route, &sequence)) return 0;
        step->ruined[step->ruined_count++] = route;
    }
    return 1;
}

/* Take strings out of routes of a day: of those in the crew's school, and of one or two by chance. */
static void ruin_day(Search *s, Step *step, int32_t day, int32_t longest) {
    int32_t school = s->school[step->crew], first = s->day_from[day], count = s->day_from[day + 1] - first;
    int32_t lucky = first + draw_below(s, count), other = first + draw_below(s, count);
    for (int32_t i = first; i < first + count; i++) {
        int32_t route = s->day_routes[i], stop_count = s->counts[route];
        const int16_t *at = s->schools_at + (int64_t)route * (s->width + 2) + 1;
        int32_t begin = stop_count ? draw_below(s, stop_count) : 0, is_here = 0;
        for (int32_t k = 0; k < stop_count && !is_here; k++)
            if (at[k] == school) {
                is_here = 1;
                begin = k;
            }
        if (stop_count && (i == lucky || i == other || (is_here && draw(s) < RUIN_SHARE)))
            remove_string(s, step, route, begin, longest);
    }
}

/* Add the spans in which the room fits a gap of a route, within each span of the person's hours. */
static int32_t add_options(const Search *s, int32_t room, int32_t route, double travel_price, Option *options,
                           int32_t count) {
    int32_t kind = s->kinds[(int64_t)room * s->days + s->route_day[route]], side = s->schools + 1;
    int32_t school = s->school[room], minutes = s->minutes[room];
    const int16_t *nexts = s->nexts + (int64_t)kind * (s->slots + 1);
    const int16_t *lasts = s->lasts + (int64_t)kind * (s->slots + 1);
    int64_t row = (int64_t)route * (s->width + 2);
    const int16_t *ends = s->ends + row, *starts = s->starts + row, *at = s->schools_at + row;
    const int32_t *hours = s->hours + (int64_t)route * s->span_count * 2;
    if (s->widest[route] < minutes || !kind || s->counts[route] >= s->width) return count;
    for (int32_t k = 0; k <= s->counts[route]; k++) {
        if (starts[k] - ends[k] < minutes) continue;
        int32_t ready = ends[k] + s->gap[at[k] * side + school];
        int32_t latest = starts[k] - s->gap[school * side + at[k + 1]] - minutes;
        double cost = travel_price * (s->travel[at[k] * side + school] + s->travel[school * side + at[k + 1]] -
                                      s->travel[at[k] * side + at[k + 1]]);
        for (int32_t i = 0; i < s->hour_counts[route] && count < MOST_OPTIONS; i++) {
            int32_t from = ready > hours[2 * i] ? ready : hours[2 * i];
            int32_t to = latest < hours[2 * i + 1] - minutes ? latest : hours[2 * i + 1] - minutes;
            if (from > to || s->ceil_slot[from] > s->slots) continue;
            int32_t low = nexts[s->ceil_slot[from]], high = lasts[to / s->grid];
            if (low <= high) options[count++] = (Option){{route, k, 0}, low, high, cost};
        }
    }
    return count;
}

/* Return the first start from `low` to `high` at which the school has place, -1 for none. */
static int32_t find_open_start(const Search *s, int32_t room, int32_t day, int32_t low, int32_t high) {
    int32_t kind = s->kinds[(int64_t)room * s->days + day];
    const int16_t *nexts = s->nexts + (int64_t)kind * (s->slots + 1);
    int32_t start = nexts[s->ceil_slot[low]];
    while (start <= high && !allows_visit(s, room, day, start)) start = nexts[s->ceil_slot[start + 1]];
    return start <= high ? start : -1;
}

/* Put the crew's visit into the two routes of a day where it costs least; return 0 if it fits nowhere. */
static int put_in_crew(Search *s, Step *step, int32_t day, double travel_price) {
    int32_t room = step->crew, count = 0, start = -1, first = s->day_from[day], routes = s->day_from[day + 1] - first;
    int32_t offset = draw_below(s, routes);
    Option options[MOST_OPTIONS];
    Place places[2];
    double best = INFINITY;
    for (int32_t i = 0; i < routes; i++)
        count = add_options(s, room, s->day_routes[first + (i + offset) % routes], travel_price, options, count);
    for (int32_t i = 0; i < count; i++)
        for (int32_t k = 0; k < i; k++) {
            if (options[i].place.route == options[k].place.route) continue;
            int32_t low = options[i].low > options[k].low ? options[i].low : options[k].low;
            int32_t high = options[i].high < options[k].high ? options[i].high : options[k].high;
            double cost = options[i].cost + options[k].cost + PLACE_NOISE * draw(s);
            if (low > high || cost >= best) continue;
            int32_t open = find_open_start(s, room, day, draw(s) < 0.5 ? low : high, high);
            if (open < 0) open = find_open_start(s, room, day, low, high);
            if (open < 0) continue;
            best = cost;
            places[0] = options[i].place;
            places[1] = options[k].place;
            start = open;
        }
    if (start < 0) return 0;
    count_visit(s, room, day, start, 1);
    for (int32_t i = 0; i < 2; i++) {
        Sequence sequence;
        int32_t route = places[i].route;
        int is_set = save_once(s, step, route);
        build_sequence(s, route, places[i], room, start, &sequence);
        if (!is_set || !set_sequence(s, route, &sequence)) {
            count_visit(s, room, day, start, -1);
            return 0;
        }
        s->crew_routes[2 * room + i] = route;
    }
    s->crew_begins[room] = start;
    step->crew_is_counted = 1;
    return 1;
}

/* Move a crew's visit, or give a waiting one a place: what is around the old and the new place is planned again. */
void move_crew(Search *s, Step *step, StepRules rules) {
    if (!s->crew_count) return;
    int32_t room = s->crews[draw_below(s, s->crew_count)];
    begin_step(s, step);
    step->crew = room;
    step->crew_routes[0] = s->crew_routes[2 * room];
    step->crew_routes[1] = s->crew_routes[2 * room + 1];
    step->crew_begin = s->crew_begins[room];
    step->crew_is_counted = 0;
    int32_t was_placed = step->crew_routes[0] >= 0, day = draw_day(s, step);
    int is_taken_out = 1, placed = 0;
    if (!s->kinds[(int64_t)room * s->days + day]) return;
    if (was_placed) {
        count_visit(s, room, s->route_day[step->crew_routes[0]], step->crew_begin, -1);
        is_taken_out = take_out_crew(s, step);
        if (is_taken_out) s->crew_routes[2 * room] = s->crew_routes[2 * room + 1] = -1;
    }
    if (is_taken_out) {
        ruin_day(s, step, day, rules.longest);
        placed = put_in_crew(s, step, day, rules.travel_price);
    }
    if (is_taken_out && placed) finish_step(s, step, rules);
    else undo_step(s, step);
    for (int32_t i = 0; i < step->saved_count; i++) step->marks[step->saved[i].route] = 0;
    int32_t is_waiting = s->crew_routes[2 * room] < 0;
    if (is_waiting) s->worth[room] += rules.growth;
    s->crews_waiting += is_waiting - !was_placed;
}
