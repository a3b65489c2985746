"""Create the demo as of a day, as `./run demo` does, or load files into it as its worker does.

`python -m tests.web.journeys.readme.create_demo DATA DAY [FILE]`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec

from homeroom.cli.options import start_command


def main(data: str, day: str, *files: str) -> None:
    """Create the demo and print the passphrases by user name; with files, load and assess them in it."""
    context = start_command(data=data, kind="demo")
    from homeroom.cli.demo import create_demo
    from homeroom.cli.know.inventory import run_resolve
    from homeroom.cli.know.sources import run_load
    from homeroom.cli.protect.posture import run_assessment

    today = date.fromisoformat(day)
    context = replace(context, today=today, at=datetime.combine(today, time(12), tzinfo=UTC))
    if files:  # those that the demo itself made
        run_load(context, list(map(Path, files)), source=None, scope=None, approved=True, quiet=True, invented=True)
        run_resolve(context, quiet=True)
        run_assessment(context, quiet=True)
        return
    accounts = create_demo(context, quiet=True)
    passphrases = {account["username"]: account["passphrase"] for account in accounts}
    sys.stdout.write(msgspec.json.encode(passphrases).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
