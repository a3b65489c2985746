"""One person, one account, one device out of every source's records: the whole of resolving, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product
from homeroom.engines.resolve.accounts import accounts
from homeroom.engines.resolve.alike_devices import weigh_devices
from homeroom.engines.resolve.alike_people import weigh_people
from homeroom.engines.resolve.awareness import learn
from homeroom.engines.resolve.belonging import belong
from homeroom.engines.resolve.calendars import count_school_days
from homeroom.engines.resolve.components import Numbers
from homeroom.engines.resolve.coverage import cover
from homeroom.engines.resolve.decided import DECISIONS_SCHEMA, obey
from homeroom.engines.resolve.devices import devices
from homeroom.engines.resolve.doubting import doubt
from homeroom.engines.resolve.identity import identify
from homeroom.engines.resolve.linking import link
from homeroom.engines.resolve.opening import open_up
from homeroom.engines.resolve.people import people
from homeroom.engines.resolve.services import services
from homeroom.engines.resolve.sightings import sighted
from homeroom.engines.resolve.software import software
from homeroom.engines.resolve.sql import arrow, dropped, given
from homeroom.engines.resolve.staging import KINDS, stage
from homeroom.engines.resolve.standing import stand
from homeroom.engines.resolve.subjects import LEDGER_SCHEMA, SPENT_SCHEMA, assign
from homeroom.engines.resolve.things.making import describe, know, link_things
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.tables import DERIVED_TABLES

Progress = Callable[[str, int, int], None]
_STEPS = ("people", "accounts", "devices", "standing", "links")
_LEFTOVERS = (
    "ledger", "spent", "authority", "addresses", "numbers", "belongs", "people", "accounts", "devices", "links", "since",
    "school_days", "consoles", "namespaces", "loads", "software", "services", "flaws", "sighted", "decisions", "doubts", "forbidden", "apart", "named", "settled", "crowd",
    *(f"{kind}_{part}" for kind in KINDS for part in ("nodes", "rows", "keys", "worthless", "weighed", "hand")),
)  # fmt: skip
# What linking and handing over read no more: at a district's full size these are a third of the memory.
_DERIVED_FROM = ("addresses", "numbers", "since", "consoles", *(f"{kind}_rows" for kind in KINDS))
_LINKED_FROM = ("belongs", *(f"{kind}_{part}" for kind in KINDS for part in ("nodes", "keys")))

_FURTHER: Mapping[str, Sequence[Callable[..., Numbers]]] = {
    "person": (weigh_people,),
    "device": (weigh_devices, sighted),
}
"""What joins records of a kind after the rules of identity and the decisions made by hand, in order."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What resolving made.

    `tables`: every derived table in the schemas of `homeroom.evidence.tables`, ordered by their keys.
    `ledger_added`: (kind, connector, instance, key, subject) of records that are new or moved to another subject.
    `merged`: (kind, subject, into), subjects that turned out to be another. `worthless`: (kind, identifier, value masked,
    count), values that identify nobody.
    """

    tables: Mapping[str, pa.Table]
    ledger_added: pa.Table
    merged: pa.Table
    worthless: pa.Table


def resolve(
    session: duckdb.DuckDBPyConnection,
    *,
    ledger: pa.Table,
    today: date,
    spent: pa.Table | None = None,
    decisions: pa.Table | None = None,
    products: Sequence[Product] = (),
    progress: Progress | None = None,
) -> Resolved:
    """Resolves every record that the session's source views hold.

    `ledger` has LEDGER_SCHEMA, one row a record; `spent` (SPENT_SCHEMA) names subjects that were merged away, so that no
    new one gets their number; `decisions` (DECISIONS_SCHEMA) are what people said by hand; `products` are those whose software gets a product and a kind. The answer depends on the
    rows alone, never on their order. The session is left without the temporary tables that were made in it.
    """
    tell = progress or silent
    given(session, "ledger", ledger.cast(LEDGER_SCHEMA))
    given(session, "spent", (spent if spent is not None else SPENT_SCHEMA.empty_table()).cast(SPENT_SCHEMA))
    given(
        session,
        "decisions",
        (decisions if decisions is not None else DECISIONS_SCHEMA.empty_table()).cast(DECISIONS_SCHEMA),
    )
    added, merged = [], []
    for number, kind in enumerate(KINDS):
        tell(_STEPS[number], number, len(_STEPS))
        label = obey(session, kind, label=identify(session, kind, count=stage(session, kind)))
        for further in _FURTHER.get(kind, ()):
            label = further(session, label=label)
        new, gone = assign(session, kind, label=label)
        added.append(new)
        merged.append(gone)
    for new, gone in know(session):
        added.append(new)
        merged.append(gone)
    tell("standing", 3, len(_STEPS))
    _derive(session, today, products)
    dropped(session, *_DERIVED_FROM)
    tell("links", 4, len(_STEPS))
    link(session)
    link_things(session)
    doubt(session)
    dropped(session, *_LINKED_FROM)
    made = Resolved(
        tables=_tables(session),
        ledger_added=pa.concat_tables(added),
        merged=pa.concat_tables(merged),
        worthless=_worthless(session),
    )
    dropped(session, *_LEFTOVERS)
    tell("done", len(_STEPS), len(_STEPS))
    return made


def silent(*_: object) -> None:
    """Progress that nobody follows."""


def _derive(session: duckdb.DuckDBPyConnection, today: date, products: Sequence[Product]) -> None:
    count_school_days(session, today=today)
    stand(session, today=today)
    people(session)
    belong(session)
    accounts(session, today=today)
    learn(session, today=today)
    open_up(session, today=today)
    devices(session, today=today)
    cover(session)
    software(session, products=products)
    services(session)
    describe(session, today=today)


def _tables(session: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    made = {}
    for table in (one for one in DERIVED_TABLES if one.made_by == "resolve"):
        columns = ", ".join(f'"{name}"' for name in table.names)
        order = ", ".join(f'"{name}"' for name in table.key)
        made[table.name] = arrow(session, f"SELECT {columns} FROM rz_{table.name} ORDER BY {order}").cast(
            arrow_schema(table)
        )
        dropped(session, table.name)
    return made


def _worthless(session: duckdb.DuckDBPyConnection) -> pa.Table:
    rows = " UNION ALL ".join(f"SELECT * FROM rz_{kind}_worthless" for kind in KINDS)
    return arrow(
        session,
        f"""SELECT kind, identifier, left(value, 2) || repeat('*', least(greatest(length(value) - 2, 0), 12)::INTEGER) AS value, sum(count)::BIGINT AS count
        FROM ({rows}) GROUP BY ALL ORDER BY ALL""",
    )
