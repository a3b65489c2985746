/* Moves of single rooms: into a gap or in place of others, and two that change places. */

#include "moves.h"

#define LOOKAROUND 40.0 /* how much travel visits that leave may save, at most */
#define EXCHANGE_NOISE 3.0

/* Find the cheapest place of a room where up to so many visits leave; return 0 if none costs less than `limit`. */
static int find_forced_place(Search *s, int32_t room, double limit, double travel_price, int32_t most_leaving,
                             Place *place) {
    int32_t side = s->schools + 1, school = s->school[room], minutes = s->minutes[room], is_found = 0;
    const int16_t *gap = s->gap + school * side, *travel = s->travel + school * side;
    uint64_t near = draw(s) < FAR_SHARE ? UINT64_MAX : get_near_mask(s, school);
    for (int32_t route = 0; route < s->routes; route++) {
        if (s->counts[route] && !(s->school_masks[route] & near)) continue;
        int32_t kind = s->kinds[(int64_t)room * s->days + s->route_day[route]];
        int32_t count = s->counts[route];
        int64_t row = (int64_t)route * (s->width + 2), own = (int64_t)route * s->width;
        const int16_t *ends = s->ends + row, *starts = s->starts + row, *at = s->schools_at + row;
        if (!kind || count >= s->width || ends[0] >= NEVER) continue;
        const int16_t *nexts = s->nexts + (int64_t)kind * (s->slots + 1);
        for (int32_t k = 0; k <= count; k++) {
            int32_t before = at[k], last = before, between = 0, over = -1;
            double worth = 0.0;
            for (int32_t leaving = 0; leaving <= most_leaving && k + leaving <= count; leaving++) {
                if (leaving) {
                    int32_t left = k + leaving - 1;
                    if (s->pinned[own + left] >= 0) break;
                    worth += s->worth[s->stops[own + left]];
                    if (worth - LOOKAROUND > limit) break;
                    between += s->travel[last * side + at[left + 1]];
                    last = at[left + 1];
                }
                int32_t after = at[k + leaving + 1];
                if (starts[k + leaving] - ends[k] < minutes) continue;
                int32_t detour = travel[before] + travel[after] - between - s->travel[last * side + after];
                double cost = worth + travel_price * detour;
                if (cost >= limit) continue;
                if (over < 0) {
                    int32_t slot = s->ceil_slot[ends[k] + gap[before]];
                    over = slot > s->slots ? NEVER : nexts[slot] + minutes;
                }
                if (over + gap[after] > starts[k + leaving]) continue;
                cost += PLACE_NOISE * draw(s);
                if (cost < limit) {
                    limit = cost;
                    is_found = 1;
                    *place = (Place){route, k, leaving};
                }
            }
        }
    }
    return is_found;
}

/* Put a waiting room into the best place, where others may leave; else it becomes worth more. */
void place_waiting_room(Search *s, double warmth, double travel_price, int32_t most_leaving, double growth) {
    int32_t at = draw_below(s, s->pool_size), room = s->pool[at];
    Place place;
    Sequence sequence;
    if (find_forced_place(s, room, s->worth[room] + draw_loss(s, warmth), travel_price, most_leaving, &place)) {
        int32_t left[MOST_STOPS];
        for (int32_t k = 0; k < place.leaving; k++)
            left[k] = s->stops[(int64_t)place.route * s->width + place.at + k];
        build_sequence(s, place.route, place, room, -1, &sequence);
        if (set_sequence(s, place.route, &sequence)) {
            s->pool[at] = s->pool[--s->pool_size];
            for (int32_t k = 0; k < place.leaving; k++) s->pool[s->pool_size++] = left[k];
            return;
        }
    }
    s->worth[room] += growth;
}

/* Find a visit that can change places with a room; return 0 if there is none. `change` is the change of travel. */
static int find_exchange(Search *s, int32_t room, int32_t own_route, int32_t own_at, double travel_price, Place *place,
                         double *change) {
    int32_t side = s->schools + 1, school = s->school[room], minutes = s->minutes[room], is_found = 0;
    int64_t own_row = (int64_t)own_route * (s->width + 2);
    int32_t own_before = s->schools_at[own_row + own_at], own_after = s->schools_at[own_row + own_at + 2];
    int32_t own_end = s->ends[own_row + own_at], own_start = s->starts[own_row + own_at + 1];
    const int16_t *gap = s->gap + school * side, *travel = s->travel + school * side;
    int32_t own_travel = travel[own_before] + travel[own_after];
    int is_alone = own_before == s->schools && own_after == s->schools;
    double limit = INFINITY;
    for (int32_t route = 0; route < s->routes; route++) {
        int32_t kind = s->kinds[(int64_t)room * s->days + s->route_day[route]];
        if (!kind || route == own_route || (!is_alone && !(s->school_masks[route] >> (school & 63) & 1))) continue;
        int64_t row = (int64_t)route * (s->width + 2), stops = (int64_t)route * s->width;
        const int16_t *ends = s->ends + row, *starts = s->starts + row, *at = s->schools_at + row;
        const int16_t *nexts = s->nexts + (int64_t)kind * (s->slots + 1);
        for (int32_t k = 0; k < s->counts[route]; k++) {
            int32_t before = at[k], here = at[k + 1], after = at[k + 2];
            if (before != school && after != school && here != school && !is_alone) continue;
            if (starts[k + 1] - ends[k] < minutes || s->pinned[stops + k] >= 0) continue;
            const int16_t *other_travel = s->travel + here * side, *other_gap = s->gap + here * side;
            double saved = travel_price * (travel[before] + travel[after] - other_travel[before] - other_travel[after] +
                                           other_travel[own_before] + other_travel[own_after] - own_travel);
            if (saved >= limit) continue;
            double cost = saved + EXCHANGE_NOISE * draw(s);
            if (cost >= limit) continue;
            int32_t other = s->stops[stops + k], other_minutes = s->minutes[other];
            int32_t other_kind = s->kinds[(int64_t)other * s->days + s->route_day[own_route]];
            if (!other_kind || own_start - own_end < other_minutes) continue;
            int32_t slot = s->ceil_slot[ends[k] + gap[before]];
            if (slot > s->slots || nexts[slot] + minutes + gap[after] > starts[k + 1]) continue;
            slot = s->ceil_slot[own_end + other_gap[own_before]];
            if (slot > s->slots || s->nexts[(int64_t)other_kind * (s->slots + 1) + slot] + other_minutes +
                                           other_gap[own_after] > own_start)
                continue;
            limit = cost;
            is_found = 1;
            *change = saved;
            *place = (Place){route, k, 1};
        }
    }
    return is_found;
}

/* Let a room and another one change places, if that is less travel, or hardly more. */
void exchange_room(Search *s, double warmth, double travel_price) {
    int32_t room = s->movable[draw_below(s, s->movable_count)], route = s->route_of[room];
    if (route < 0) return;
    Place own = {route, find_stop(s, route, room), 1}, place;
    Sequence own_sequence, sequence;
    SavedRoute saved;
    double change;
    if (!find_exchange(s, room, route, own.at, travel_price, &place, &change) || change > draw_loss(s, warmth)) return;
    int32_t other = s->stops[(int64_t)place.route * s->width + place.at];
    build_sequence(s, route, own, other, -1, &own_sequence);
    build_sequence(s, place.route, place, room, -1, &sequence);
    save_route(s, route, &saved);
    if (!set_sequence(s, route, &own_sequence)) return;
    if (!set_sequence(s, place.route, &sequence)) {
        restore_routes(s, &saved, 1);
        s->route_of[other] = place.route;
        return;
    }
    s->route_of[other] = route;
}
