"""`python -m homeroom`: the same as the `homeroom` command."""

from homeroom.cli.main import run

run()
