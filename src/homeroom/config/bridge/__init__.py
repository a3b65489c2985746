"""Bridge from the server's event loop to Django's threads: bodies are read before a thread is taken."""
