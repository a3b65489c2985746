"""SQLite as Homeroom asks it: Django's backend, with a shorter wait for the pen."""
