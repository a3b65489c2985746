"""What stands of the part of a district that a load speaks of, so that it is compared with that before it is published."""

from __future__ import annotations

import pyarrow as pa

from homeroom.evidence.manifests import Load
from homeroom.evidence.scopes import meet, within
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES


def standing_in(store: Store, load: Load, *, table: str) -> pa.Table | None:
    """The current rows of the load's stream in its scope, or None where its own chain alone tells them.

    A load of a school after one of the whole district is so compared with what the district's said of that school.
    """
    same = [one for one in store.standing() if (one.instance, one.stream) == (load.instance, load.stream)]
    met = [one for one in same if one.chain != load.chain and meet(one, load) and table in one.tables]
    condition = within(load, table=table, rows=store.snapshot(load.tables[table]).rows)
    if load.mode != "full" or not TABLES[table].remembered or not condition or not met:
        return None
    names = ", ".join(f'"{name}"' for name in TABLES[table].names)
    ids = ", ".join(f"'{one.id}'" for one in same)
    asked = f"SELECT {names} FROM {table} r WHERE load_id IN ({ids}) AND {condition}"
    with session_of(store.pinned()) as session:
        return session.execute(asked).to_arrow_table()
