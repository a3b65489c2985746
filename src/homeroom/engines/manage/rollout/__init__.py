"""Planning of rollouts: visits that disturb the least class, end soonest and travel least, with a bound."""
