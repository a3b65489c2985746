"""Fill a district's inventory and print its URLs as JSON: `python -m bench.support.inventory_urls SCALE`."""

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

from homeroom.domain.platform.district import District

ROOT = Path(__file__).resolve().parent.parent.parent
PLURAL = {"person": "people", "account": "accounts", "device": "devices"}
DEEP = 4


def main(scale: int) -> None:
    """Migrate the database of HOMEROOM_DATA, fill it, and print the addresses."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    from homeroom.evidence.files.data_folder import open_data_folder

    open_data_folder(Path(os.environ["HOMEROOM_DATA"]), kind="real")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "jobs"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from bench.support.inventory_rows import create_inventory, write_list_files
    from homeroom.evidence.loads.store import EvidenceStore

    district = create_inventory(scale)
    write_list_files(district, EvidenceStore(Path(os.environ["HOMEROOM_DATA"]) / "evidence", district=district.slug))
    print(json.dumps(sorted(list_urls(district))))


def list_urls(district: District) -> Iterator[str]:
    """Yield each query's first page, and pages at random positions deep inside it."""
    from bench.support.inventory_rows import build_queries, move_cursor
    from homeroom.apps.know.inventory.queries import get_page

    dice = random.Random(5)
    for _name, query in build_queries(district):
        yield _build_url(query)
        if query.search:
            yield f"/inventory?{urlencode({'q': query.search})}"
        page = get_page(district=district, query=query, columns=[])
        for _ in range(DEEP if page.after else 0):
            cursor = move_cursor(district, query, page.after or "")
            yield _build_url(replace(query, cursor=cursor))
            page = get_page(district=district, query=replace(query, cursor=cursor), columns=[])
            if not page.after or dice.random() < 0.2:
                break


def _build_url(query: Any) -> str:
    parameters = {
        "q": query.search,
        "sort": query.sort,
        "down": "1" if query.down else "",
        "at": query.cursor,
        **query.filters,
    }
    return f"/{PLURAL[query.kind]}?{urlencode({name: value for name, value in parameters.items() if value})}"


if __name__ == "__main__":
    main(int(sys.argv[1]))
