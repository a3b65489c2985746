"""The week planner: jobs that fit the hours of one week, chosen by exact optimization."""
