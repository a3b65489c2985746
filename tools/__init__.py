"""Build tool of the repository: checks, test servers and browser, generated docs, changelog."""
