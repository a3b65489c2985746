"""`sudoedit FILE`: write into it what an operator writes there, the address of the database."""

import os
import pathlib
import sys

pathlib.Path(sys.argv[1]).write_text(os.environ["TEST_DATABASE"] + "\n", encoding="utf-8")
