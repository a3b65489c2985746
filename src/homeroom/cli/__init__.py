"""The command line: each command calls one query or one command of the applications."""
