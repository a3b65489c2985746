"""The events of a district: adding a load of a log, undoing one, erasing a person, and reading."""
