"""Laws as duties with clocks: what is due when, from the moments and facts of a case."""
