/* The routes of a rollout, and how they change: shared by the moves of rooms, of strings and of crews.
 *
 * A route is the day of one person: visits in order. For each gap of a route it is known when the visits before it can
 * be over at the earliest, and when those after it can begin at the latest, so a room is compared with a gap in a few
 * steps. Visits that are pinned (of crews, and those that are kept) stay where they are while others move. All arrays
 * belong to the caller; route_arrays.py makes them, and library.py names each field in the same order. Minutes are
 * after midnight.
 */

#ifndef ROUTES_H
#define ROUTES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STOPS 96 /* of a route; longer ones are not searched here */
#define NEVER 30000   /* a minute after all others */

typedef struct {
    int32_t rooms, schools, slots, grid, days, width, span_count, near_count, has_stock, has_counts, routes;
    const int32_t *route_day, *route_week, *span_from, *spans;        /* routes; spans as pairs */
    const int32_t *minutes, *school, *devices;                       /* rooms */
    const int32_t *kinds;                                            /* rooms x days; 0 is a closed day */
    const int16_t *nexts, *lasts;                                    /* kinds x (slots + 1): starts from and up to */
    const int16_t *gap, *travel;                                     /* (schools + 1) squared; the last is nowhere */
    const int16_t *ceil_slot;                                        /* minutes: the first slot that is not before */
    const int32_t *at_once;                                          /* schools */
    const int32_t *week_from, *week_routes;                          /* routes of weeks with limited minutes */
    const int32_t *calendar_week;                                    /* days */
    const int32_t *near;                                             /* schools x near_count, itself first */
    const int32_t *day_from, *day_routes;                            /* routes of each day */
    const int32_t *all_routes, *movable, *crews;                     /* numbers; rooms for one, and for two, to move */
    const int32_t *school_from, *school_rooms;                       /* movable rooms of each school */
    const double *base_worth, *hardness;                             /* rooms */
    double *worth;                                                   /* rooms */
    int32_t *week_left, *left_in_school, *left_in_week, *stock_left; /* weeks; schools x days; weeks; days */
    uint16_t *crowd;                                                 /* schools x days x (slots + 1) */
    int32_t *stops, *pinned, *begins, *counts;                       /* routes x width; pinned is -1 or the start */
    int32_t *route_of;                                               /* rooms; -1 without a visit of one person */
    int32_t *crew_routes, *crew_begins;                              /* rooms x 2, -1 without a visit; rooms */
    int16_t *ends, *starts, *schools_at;                             /* routes x (width + 2) */
    int32_t *hours, *hour_counts;                                    /* routes x span_count pairs */
    uint64_t *school_masks;                                          /* routes: schools with a visit, modulo 64 */
    int32_t *widest;                                                 /* routes: the minutes of the widest gap */
    int32_t *pool;                                                   /* rooms without a visit, then room for all */
    int32_t movable_count, crew_count, pool_size, crews_waiting;
    uint64_t random;
} Search;

typedef struct {
    int32_t count, rooms[MOST_STOPS + 1], pinned[MOST_STOPS + 1];
} Sequence;

typedef struct {
    int32_t route, count, stops[MOST_STOPS], pinned[MOST_STOPS], begins[MOST_STOPS];
} SavedRoute;

typedef struct {
    int32_t route, at, leaving;
} Place;

/* Chance: splitmix64, by Vigna, in the public domain. */

static inline uint64_t draw_bits(Search *s) {
    uint64_t z = (s->random += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static inline double draw(Search *s) { return (double)(draw_bits(s) >> 11) * 0x1.0p-53; }

static inline int32_t draw_below(Search *s, int32_t limit) {
    return (int32_t)(((draw_bits(s) >> 32) * (uint64_t)limit) >> 32);
}

/* Return a loss that is accepted at this warmth. */
static inline double draw_loss(Search *s, double warmth) { return -warmth * log(1.0 - draw(s)); }

#define FAR_SHARE 0.2 /* of searches for a place that look at routes far from the room as well */

/* Return the schools near a school, modulo 64, as school_masks has them. */
static inline uint64_t get_near_mask(const Search *s, int32_t school) {
    uint64_t mask = 0;
    for (int32_t k = 0; k < s->near_count; k++) mask |= 1ull << (s->near[school * s->near_count + k] & 63);
    return mask;
}

int32_t measure_span(const Search *s, int32_t route);
int32_t measure_travel(const Search *s, int32_t route);
void compute_gaps(Search *s, int32_t route);
void count_visit(Search *s, int32_t room, int32_t day, int32_t start, int32_t sign);
int allows_visit(const Search *s, int32_t room, int32_t day, int32_t start);
void build_sequence(const Search *s, int32_t route, Place place, int32_t room, int32_t pinned, Sequence *out);
int set_sequence(Search *s, int32_t route, const Sequence *sequence);
void save_route(const Search *s, int32_t route, SavedRoute *saved);
void restore_routes(Search *s, const SavedRoute *saved, int32_t count);
int32_t find_stop(const Search *s, int32_t route, int32_t room);

#endif
