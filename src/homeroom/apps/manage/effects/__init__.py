"""What a start changed: studies read from a file of weeks by school, or taken from evidence."""
