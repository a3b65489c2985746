"""API tokens: credentials of scripts and of the command line against a server, each of a user in a district."""
