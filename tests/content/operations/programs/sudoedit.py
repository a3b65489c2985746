"""`sudoedit FILE`: write into it what the page says that an operator writes, the address of the database."""

import os
import pathlib
import sys

pathlib.Path(sys.argv[1]).write_text(os.environ["TEST_DATABASE"] + "\n", encoding="utf-8")
