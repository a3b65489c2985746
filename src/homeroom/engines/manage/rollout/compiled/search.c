/* The entries of the library. */

#include "moves.h"

#define ENTRY __attribute__((visibility("default")))

/* Return the digest of the sources that this library was built from. */
ENTRY const char *get_source_digest(void) { return SOURCE_DIGEST; }

/* Return how large the structure is here, which tells whether its fields are named in the right order. */
ENTRY int32_t get_structure_size(void) { return (int32_t)sizeof(Search); }

/* Return how many visits a route may have. */
ENTRY int32_t get_most_stops(void) { return MOST_STOPS; }

/* Compute the gaps of all routes. */
ENTRY void prepare(Search *s) {
    for (int32_t route = 0; route < s->routes; route++) compute_gaps(s, route);
}

/* Return the minutes of travel of all routes. */
ENTRY int32_t measure_all_travel(const Search *s) {
    int32_t travel = 0;
    for (int32_t route = 0; route < s->routes; route++) travel += measure_travel(s, route);
    return travel;
}

static void decay_worths(Search *s, const int32_t *rooms, int32_t count, double decay) {
    for (int32_t i = 0; i < count; i++)
        s->worth[rooms[i]] = s->base_worth[rooms[i]] + decay * (s->worth[rooms[i]] - s->base_worth[rooms[i]]);
}

static int is_finished(const Search *s, int32_t stops) { return stops && !s->pool_size && !s->crews_waiting; }

/* Move strings, crews, then single rooms, so many times each; return how many rooms still wait, -1 without memory.
 *
 * Where `stops` is 1, it ends as soon as none does. Worths of rooms return to their base by `decay` first. */
ENTRY int32_t search(Search *s, int32_t strings, int32_t crews, int32_t rooms, int32_t exchanges, double string_warmth,
                     double room_warmth, double travel_price, double growth, double decay, int32_t most_ruined,
                     int32_t longest, int32_t most_leaving, int32_t stops) {
    Step step = {0};
    size_t room_count = (size_t)s->rooms, route_count = (size_t)s->routes;
    step.marks = calloc(route_count + 1, sizeof(int32_t));
    step.rooms = malloc((room_count + 1) * sizeof(int32_t));
    step.pool = malloc((room_count + 1) * sizeof(int32_t));
    step.shuffled = malloc((room_count + 1) * sizeof(int32_t));
    step.order = malloc((room_count + 1) * sizeof(double));
    step.is_waiting = calloc(room_count + 1, 1);
    step.saved = malloc(MOST_TOUCHED * sizeof(SavedRoute));
    int has_memory = step.marks && step.rooms && step.pool && step.shuffled && step.order && step.is_waiting;
    has_memory = has_memory && step.saved;
    if (has_memory && s->movable_count && s->routes) {
        int32_t ruined = most_ruined < MOST_RUINED ? most_ruined : MOST_RUINED;
        StepRules rules = {string_warmth, travel_price, growth, ruined, longest};
        decay_worths(s, s->movable, s->movable_count, decay);
        decay_worths(s, s->crews, s->crew_count, decay);
        for (int32_t i = 0; i < strings && !is_finished(s, stops); i++) move_strings(s, &step, rules);
        for (int32_t i = 0; i < crews && !is_finished(s, stops); i++) move_crew(s, &step, rules);
        for (int32_t i = 0; i < rooms && !is_finished(s, stops); i++) {
            if (s->pool_size) place_waiting_room(s, room_warmth, travel_price, most_leaving, growth);
            for (int32_t k = 0; k < exchanges; k++) exchange_room(s, room_warmth, travel_price);
        }
    }
    free(step.marks);
    free(step.rooms);
    free(step.pool);
    free(step.shuffled);
    free(step.order);
    free(step.is_waiting);
    free(step.saved);
    return has_memory ? s->pool_size + s->crews_waiting : -1;
}
