"""Fleet: computers that run osquery, their software with known flaws, and their local users, as its API answers."""
