"""`runuser -u USER -- COMMAND …`: run the command, as whoever runs the test."""

import os
import sys

words = sys.argv[1:]
while words and words[0].startswith("-"):
    words = words[2:] if words[0] == "-u" else words[1:]
os.execvp(words[0], words)
