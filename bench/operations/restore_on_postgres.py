"""Restore a backup into a fresh PostgreSQL server, and print the cost as JSON: BACKUP IDENTITY FOLDER."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from bench.support.program import require_exit_code, run_homeroom
from homeroom.evidence.erasing.ledger import list_ledgers
from tools.postgres import start_postgres


def main(backup: str, identity: str, folder: str) -> None:
    """Restore the backup into the folder and the server, and print the CPU seconds of the program."""
    with start_postgres() as environment:
        os.environ.update(environment)
        ledger = str(list_ledgers(Path(backup).parent)[0])  # nobody was erased since
        arguments = ("restore", backup, "--identity", identity, "--erasures", ledger, "--json")
        cost = require_exit_code(run_homeroom(*arguments, data=Path(folder)))
    print(json.dumps({"restore_postgres_cpu_seconds": cost.cpu, "restore_postgres_peak_mib": cost.peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
