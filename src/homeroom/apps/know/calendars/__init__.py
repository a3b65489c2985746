"""Testing windows, freezes of changes and closings: those of loaded calendars, and those that people add."""
