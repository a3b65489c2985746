"""Weekly planning: the order of open work, the team's week, and the work log."""
