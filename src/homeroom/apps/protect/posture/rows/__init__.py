"""The rows behind a number: subjects in a state, with their evidence."""
