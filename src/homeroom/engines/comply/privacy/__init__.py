"""Student data: where it lies loose, and which of it goes to whom beside what was agreed."""
