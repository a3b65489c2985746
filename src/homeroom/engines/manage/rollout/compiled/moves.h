/* The moves of a search, and what a step of strings or crews remembers so that it can be taken back. */

#ifndef MOVES_H
#define MOVES_H

#include "routes.h"

#define MOST_RUINED 6   /* routes that lose a string in one step */
#define MOST_TOUCHED 64 /* routes that one step changes */
#define PLACE_NOISE 0.5

typedef struct {
    int32_t *marks;    /* routes: 1 if saved */
    int32_t *rooms;    /* rooms that were taken out, then those of the pool */
    int32_t *pool;     /* the pool before the step */
    int32_t *shuffled;
    double *order;
    uint8_t *is_waiting;
    SavedRoute *saved;
    int32_t crew, crew_routes[2], crew_begin; /* the room of the crew that moves, -1 for none, and its old visit */
    int32_t crew_is_counted;                  /* 1 if its new visit is counted */
    int32_t saved_count, room_count, pool_size, ruined[MOST_RUINED], ruined_count;
    double travel;
} Step;

/* What a step weighs, and how far it goes. */
typedef struct {
    double warmth, travel_price, growth;
    int32_t most_ruined, longest;
} StepRules;

void place_waiting_room(Search *s, double warmth, double travel_price, int32_t most_leaving, double growth);
void exchange_room(Search *s, double warmth, double travel_price);

int save_once(const Search *s, Step *step, int32_t route);
void begin_step(Search *s, Step *step);
void remove_string(Search *s, Step *step, int32_t route, int32_t at, int32_t longest);
void undo_step(Search *s, Step *step);
void finish_step(Search *s, Step *step, StepRules rules);
void move_strings(Search *s, Step *step, StepRules rules);
void move_crew(Search *s, Step *step, StepRules rules);

#endif
