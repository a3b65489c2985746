"""Work on findings and their rows: who has it, since when, until when it waits, and what people noted."""
