"""Fills a district's inventory and prints, as one JSON list, the addresses of its pages: `-m bench.support.inventory_urls SCALE`."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
PLURAL = {"person": "people", "account": "accounts", "device": "devices"}
DEEP = 4


def main(scale: int) -> None:
    """Migrates the database of HOMEROOM_DATA, fills it, and prints the addresses."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    from homeroom.evidence.folder import opened

    opened(Path(os.environ["HOMEROOM_DATA"]), kind="real")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "jobs"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from bench.support.inventory_rows import GENERATION, SNAPSHOT, filled
    from homeroom.apps.inventory.listed import from_rows, put
    from homeroom.apps.inventory.listings import LISTINGS
    from homeroom.evidence.store import Store

    district = filled(scale)
    store = Store(Path(os.environ["HOMEROOM_DATA"]) / "evidence", district=district.slug)
    for kind in LISTINGS:
        table = from_rows(district=district, kind=kind, generation=GENERATION)
        put(store=store, kind=kind, derived=SNAPSHOT, table=table)
    print(json.dumps(sorted(_addresses(district))))


def _addresses(district: Any) -> Iterator[str]:
    """Each question's first page, and pages at random places deep inside it."""
    from bench.support.inventory_rows import deeper, questions
    from homeroom.apps.inventory.queries import page_of

    dice = random.Random(5)
    for _name, ask in questions(district):
        yield _address(ask)
        page = page_of(district=district, ask=ask, columns=[])
        for _ in range(DEEP if page.after else 0):
            cursor = deeper(district, ask, page.after or "")
            yield _address(replace(ask, cursor=cursor))
            page = page_of(district=district, ask=replace(ask, cursor=cursor), columns=[])
            if not page.after or dice.random() < 0.2:
                break


def _address(ask: Any) -> str:
    asked = {"q": ask.search, "sort": ask.sort, "down": "1" if ask.down else "", "at": ask.cursor, **ask.filters}
    return f"/{PLURAL[ask.kind]}?{urlencode({name: value for name, value in asked.items() if value})}"


if __name__ == "__main__":
    main(int(sys.argv[1]))
