"""Queries for links to records in the consoles of vendors: of the subjects of a page, by subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from homeroom.apps.know.connections.queries import list_server_addresses
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.know.consoles.record_links import RecordLink
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.library.know.connectors import load_connectors

_COLUMNS = "l.id, l.connector, l.instance, l.table_name, l.key"
_IDS_SQL = "l.subject_kind = $kind AND l.id IN (SELECT unnest($ids)) AND l.gone IS NOT TRUE"
_SQL_BY_KIND = {
    "account": f"SELECT {_COLUMNS}, NULL FROM links l WHERE {_IDS_SQL}",
    "device": f"SELECT {_COLUMNS}, d.platform FROM links l LEFT JOIN devices d ON d.id = l.id WHERE {_IDS_SQL}",
}


@dataclass(frozen=True, kw_only=True)
class ConsoleLink:
    """A record in a vendor's console: the console's name, and the address of the record."""

    title: str
    url: str


def load_console_links(
    *, district: District, derived: str, kind: str, subjects: Sequence[int]
) -> Mapping[int, tuple[ConsoleLink, ...]]:
    """Return the links of accounts or devices in a resolved snapshot; those without a link are left out.

    Raise QueryTimeout.
    """
    if kind not in _SQL_BY_KIND or not subjects or not derived:
        return {}
    parameters = {"kind": kind, "ids": list(subjects)}

    def run_query(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(_SQL_BY_KIND[kind], parameters).fetchall()

    store = get_evidence_store(district=district)
    try:
        records = query_executor().run(
            snapshot_id=f"{store.folder}/derived/{derived}",
            pin=lambda: store.pin_snapshot(derived=derived),
            query=run_query,
        )
    except NoSuchLoad:
        return {}
    return _build_links(district, records)


def _build_links(district: District, records: Iterable[tuple[Any, ...]]) -> dict[int, tuple[ConsoleLink, ...]]:
    rows = [(row, link) for row in records for link in _list_record_links().get((row[1], row[3]), ())]
    servers = list_server_addresses(district=district) if any(link.needs_server for _row, link in rows) else {}
    links: dict[int, dict[ConsoleLink, None]] = {}
    for (subject, _connector, instance, _table, key, platform), link in rows:
        if url := link.build_address(key=key or "", platform=platform, server=servers.get(instance, "")):
            links.setdefault(subject, {})[ConsoleLink(title=link.title, url=url)] = None
    return {subject: tuple(sorted(rows, key=lambda link: link.title)) for subject, rows in links.items()}


@cache
def _list_record_links() -> Mapping[tuple[str, str], tuple[RecordLink, ...]]:
    """Return the links by connector and table."""
    links: dict[tuple[str, str], tuple[RecordLink, ...]] = {}
    for connector in load_connectors():
        for link in connector.record_links:
            links[connector.name, link.table] = (*links.get((connector.name, link.table), ()), link)
    return links
