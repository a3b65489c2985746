"""Controls, framework goals, columns and labels that pages look up by id."""
