"""Current rows in the part of a district that a load covers, to compare the load with before it is published."""

from __future__ import annotations

import pyarrow as pa

from homeroom.evidence.diff.load_scopes import has_common_scope, unit_condition_sql
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables import TABLES


def select_current_rows(store: EvidenceStore, load: Load, *, table: str) -> pa.Table | None:
    """Return the current rows of the load's stream in its scope; None if its own chain alone holds them.

    A load of one school is so compared with the rows of that school in the load of the district.
    """
    stream_loads = [
        current
        for current in store.list_current_loads()
        if (current.instance, current.stream) == (load.instance, load.stream)
    ]
    overlapping = [
        current
        for current in stream_loads
        if current.chain != load.chain and has_common_scope(current, load) and table in current.tables
    ]
    condition = unit_condition_sql(load, table=table, rows=store.get_snapshot(load.tables[table]).rows_sql)
    if load.mode != "full" or not TABLES[table].remembered or not condition or not overlapping:
        return None
    names = ", ".join(f'"{name}"' for name in TABLES[table].names)
    ids = ", ".join(f"'{current.id}'" for current in stream_loads)
    query = f"SELECT {names} FROM {table} r WHERE load_id IN ({ids}) AND {condition}"
    with open_session(store.pin_snapshot()) as session:
        return session.execute(query).to_arrow_table()
