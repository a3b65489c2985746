"""Student data: which of it goes to whom, beside what was agreed."""
