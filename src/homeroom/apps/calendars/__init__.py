"""Testing windows and freezes of changes: those of loaded calendars, and those that people add."""
