"""Content about awareness: the machines that look at mail."""
