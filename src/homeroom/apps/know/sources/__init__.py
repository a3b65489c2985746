"""Loading files as evidence, and the jobs that do it."""
