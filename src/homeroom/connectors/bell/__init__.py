"""Bell calendars: a school's default week, its special days, and when the classes of each type of day begin and end."""
