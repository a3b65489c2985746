"""The backup file: what it holds, how it is encrypted, and which files of a data folder are in it."""
