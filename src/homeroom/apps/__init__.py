"""Django, thin: models, queries, commands and migrations, one folder an area."""
