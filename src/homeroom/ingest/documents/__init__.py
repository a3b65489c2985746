"""Text of documents: what is in a file, by its content and never by its name, as tables and texts."""
