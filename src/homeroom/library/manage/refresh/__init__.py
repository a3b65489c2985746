"""The files of a refresh plan: the problem in YAML with its lists in CSV, read strictly."""
