/* Strings of visits: taken out of routes near each other, and put back room by room.
 *
 * After Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems",
 * Transportation Science 54 (2020), 417-433.
 */

#include "moves.h"

#define BLINK_SHARE 0.01    /* of gaps that are overlooked, so that ties are broken */
#define FULL_SHARE 0.3      /* of removed rooms that look for a place in all routes */
#define POOL_SEED_SHARE 0.6 /* of strings that are taken out around a room without a visit */
#define MOST_OFFERED 64     /* rooms of the pool that one step tries to place */
#define SKIP_SHARE 0.3      /* of near schools that are passed over */

/* Find the gap in which a room is the shortest detour; return its cost, INFINITY for no gap. */
static double find_gap(Search *s, int32_t room, const int32_t *routes, int32_t count, double travel_price,
                       Place *place) {
    int32_t side = s->schools + 1, school = s->school[room], minutes = s->minutes[room];
    const int16_t *gap = s->gap + school * side, *travel = s->travel + school * side;
    double best = INFINITY;
    for (int32_t i = 0; i < count; i++) {
        int32_t route = routes[i], kind = s->kinds[(int64_t)room * s->days + s->route_day[route]];
        if (s->widest[route] < minutes || !kind || s->counts[route] >= s->width) continue;
        int64_t row = (int64_t)route * (s->width + 2);
        const int16_t *ends = s->ends + row, *starts = s->starts + row, *at = s->schools_at + row;
        const int16_t *nexts = s->nexts + (int64_t)kind * (s->slots + 1);
        for (int32_t k = 0; k <= s->counts[route]; k++) {
            if (starts[k] - ends[k] < minutes) continue;
            double cost = travel_price * (travel[at[k]] + travel[at[k + 1]] - s->travel[at[k] * side + at[k + 1]]);
            if (cost >= best) continue;
            int32_t slot = s->ceil_slot[ends[k] + gap[at[k]]];
            if (slot > s->slots || nexts[slot] + minutes + gap[at[k + 1]] > starts[k]) continue;
            if (draw(s) < BLINK_SHARE) continue;
            cost += PLACE_NOISE * draw(s);
            if (cost < best) {
                best = cost;
                *place = (Place){route, k, 0};
            }
        }
    }
    return best;
}

int save_once(const Search *s, Step *step, int32_t route) {
    if (step->marks[route]) return 1;
    if (step->saved_count >= MOST_TOUCHED) return 0;
    step->marks[route] = 1;
    step->travel += measure_travel(s, route);
    save_route(s, route, step->saved + step->saved_count++);
    return 1;
}

/* Take a string of visits around a stop out of its route. */
void remove_string(Search *s, Step *step, int32_t route, int32_t at, int32_t longest) {
    int32_t count = s->counts[route], first = step->room_count;
    int32_t length = 1 + draw_below(s, longest < count ? longest : count);
    int32_t low = at - length + 1 > 0 ? at - length + 1 : 0, high = at < count - length ? at : count - length;
    int32_t begin = low + draw_below(s, high - low + 1);
    int64_t row = (int64_t)route * s->width;
    Sequence left;
    left.count = 0;
    if (step->ruined_count >= MOST_RUINED || !save_once(s, step, route)) return;
    for (int32_t k = 0; k < count; k++) {
        if (k >= begin && k < begin + length && s->pinned[row + k] < 0) {
            step->rooms[step->room_count++] = s->stops[row + k];
            continue;
        }
        left.rooms[left.count] = s->stops[row + k];
        left.pinned[left.count++] = s->pinned[row + k];
    }
    if (set_sequence(s, route, &left)) step->ruined[step->ruined_count++] = route;
    else step->room_count = first;
}

/* Take strings out of routes near a room. */
static void ruin(Search *s, Step *step, int32_t most_ruined, int32_t longest) {
    int use_pool = s->pool_size && draw(s) < POOL_SEED_SHARE;
    int32_t seed = use_pool ? s->pool[draw_below(s, s->pool_size)] : s->movable[draw_below(s, s->movable_count)];
    int32_t wanted = 1 + draw_below(s, most_ruined);
    const int32_t *near = s->near + s->school[seed] * s->near_count;
    for (int32_t i = 0; i < s->near_count && step->ruined_count < wanted; i++) {
        if (i && draw(s) < SKIP_SHARE) continue;
        int32_t count = s->school_from[near[i] + 1] - s->school_from[near[i]];
        int32_t most = step->ruined_count + (i ? 1 + draw_below(s, 2) : wanted);
        memcpy(step->shuffled, s->school_rooms + s->school_from[near[i]], (size_t)count * sizeof(int32_t));
        for (int32_t k = 0; k < count && step->ruined_count < wanted && step->ruined_count < most; k++) {
            int32_t other = k + draw_below(s, count - k), room = step->shuffled[other];
            step->shuffled[other] = step->shuffled[k];
            int32_t route = s->route_of[room];
            if (route >= 0 && !step->marks[route])
                remove_string(s, step, route, find_stop(s, route, room), longest);
        }
    }
}

/* Sort the rooms by chance, by worth, or by how few starts they have. */
static void sort_rooms(Search *s, Step *step) {
    int32_t mode = draw_below(s, 4);
    for (int32_t i = 0; i < step->room_count; i++) {
        int32_t room = step->rooms[i], k = i;
        double chance = draw(s), worth = s->worth[room], hardness = s->hardness[room], key;
        key = mode == 0   ? chance
              : mode == 1 ? 5.0 * chance - worth
              : mode == 2 ? 20.0 * chance - worth
                          : hardness * (1.0 + 0.2 * chance) - 0.2 * worth;
        for (; k > 0 && step->order[k - 1] > key; k--) {
            step->order[k] = step->order[k - 1];
            step->rooms[k] = step->rooms[k - 1];
        }
        step->order[k] = key;
        step->rooms[k] = room;
    }
}

/* Put the rooms back one by one, each into its best gap; those without one wait in the pool. */
static void recreate(Search *s, Step *step, double travel_price) {
    for (int32_t i = 0; i < step->room_count; i++) {
        int32_t room = step->rooms[i], is_placed = 0;
        for (int32_t attempt = 0; attempt < 2 && !is_placed; attempt++) {
            int is_full = !step->is_waiting[room] && draw(s) < FULL_SHARE;
            Place place;
            Sequence sequence;
            double cost = is_full ? find_gap(s, room, s->all_routes, s->routes, travel_price, &place)
                                  : find_gap(s, room, step->ruined, step->ruined_count, travel_price, &place);
            if (cost > s->worth[room] || !save_once(s, step, place.route)) break;
            build_sequence(s, place.route, place, room, -1, &sequence);
            is_placed = set_sequence(s, place.route, &sequence);
        }
        if (!is_placed) s->pool[s->pool_size++] = room;
    }
}

/* Begin a step: nothing is taken out yet, and the pool is remembered. */
void begin_step(Search *s, Step *step) {
    step->saved_count = step->room_count = step->ruined_count = 0;
    step->crew = -1;
    step->travel = 0.0;
    step->pool_size = s->pool_size;
    memcpy(step->pool, s->pool, (size_t)s->pool_size * sizeof(int32_t));
}

/* Take a step back: the routes, the pool and the crew are as they were. */
void undo_step(Search *s, Step *step) {
    int32_t room = step->crew;
    if (room >= 0 && s->crew_routes[2 * room] >= 0 && step->crew_is_counted)
        count_visit(s, room, s->route_day[s->crew_routes[2 * room]], s->crew_begins[room], -1);
    restore_routes(s, step->saved, step->saved_count);
    s->pool_size = step->pool_size;
    memcpy(s->pool, step->pool, (size_t)s->pool_size * sizeof(int32_t));
    if (room < 0) return;
    s->crew_routes[2 * room] = step->crew_routes[0];
    s->crew_routes[2 * room + 1] = step->crew_routes[1];
    s->crew_begins[room] = step->crew_begin;
    if (step->crew_routes[0] >= 0)
        count_visit(s, room, s->route_day[step->crew_routes[0]], step->crew_begin, 1);
}

/* Add rooms of the pool by chance to those that were taken out, and return how many: the others wait on. */
static int32_t offer_waiting_rooms(Search *s, Step *step) {
    int32_t count = step->pool_size < MOST_OFFERED ? step->pool_size : MOST_OFFERED;
    for (int32_t i = 0; i < count; i++) {
        int32_t other = i + draw_below(s, step->pool_size - i), room = step->pool[other];
        step->pool[other] = step->pool[i];
        step->pool[i] = room;
        step->rooms[step->room_count++] = room;
        step->is_waiting[room] = 1;
    }
    s->pool_size = step->pool_size - count;
    memcpy(s->pool, step->pool + count, (size_t)s->pool_size * sizeof(int32_t));
    return count;
}

/* Put back what was taken out; keep it if that is better, or worse by less than a loss, else take the step back. */
void finish_step(Search *s, Step *step, StepRules rules) {
    double before = rules.travel_price * step->travel, after = 0.0;
    int32_t offered = offer_waiting_rooms(s, step), others = s->pool_size;
    for (int32_t i = 0; i < offered; i++) before += s->worth[step->pool[i]];
    sort_rooms(s, step);
    recreate(s, step, rules.travel_price);
    for (int32_t i = 0; i < offered; i++) step->is_waiting[step->pool[i]] = 0;
    for (int32_t i = others; i < s->pool_size; i++) after += s->worth[s->pool[i]];
    for (int32_t i = 0; i < step->saved_count; i++)
        after += rules.travel_price * measure_travel(s, step->saved[i].route);
    if (step->crew >= 0 && step->crew_routes[0] < 0) before += 2.0 * s->worth[step->crew];
    if (after - before > draw_loss(s, rules.warmth)) undo_step(s, step);
}

/* Take strings out of routes near a room, and put their rooms and those of the pool back. */
void move_strings(Search *s, Step *step, StepRules rules) {
    begin_step(s, step);
    ruin(s, step, rules.most_ruined, rules.longest);
    if (step->ruined_count) finish_step(s, step, rules);
    for (int32_t i = 0; i < step->saved_count; i++) step->marks[step->saved[i].route] = 0;
}
