"""Bell calendars: a school's default week, its special days, and the bell times of each type of day."""
