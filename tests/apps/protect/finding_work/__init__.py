"""The work on findings, with a database."""
