"""A serial in an asset list that was mistyped into another machine's: it joins nothing, and the row is weighed instead.

An asset list's row (`managed` false) loses its serial where every console's record of that serial is called or tagged
otherwise, none agrees with it in anything, and a console's record of another serial has just its tag or name.
"""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.rules import RULES
from homeroom.engines.resolve.sightings import LABEL
from homeroom.engines.resolve.sql import dropped, made, number


def disown(session: duckdb.DuckDBPyConnection) -> None:
    """Takes such rows' serials out of rz_device_keys."""
    rule = next(at for at, one in enumerate(RULES) if one.kind == "device" and one.space == "serial")
    made(
        session,
        "typed",
        f"""SELECT k.n, k.value, r.managed, r.plain_tag AS tag, {LABEL.format("r.name")} AS host, lower(r.holder_email) AS holder
        FROM rz_device_keys k JOIN rz_device_rows r USING (n) WHERE k.rule = {rule} AND r.managed IS NOT NULL
            AND (r.asset_tag IS NOT NULL OR r.name IS NOT NULL)""",
    )
    made(
        session,
        "disowned",
        """SELECT x.n, any_value(x.value) AS value, any_value(x.tag) AS tag, any_value(x.host) AS host
        FROM rz_typed x JOIN rz_typed y ON y.value = x.value AND y.managed AND NOT x.managed GROUP BY x.n
        HAVING bool_and(coalesce(x.tag <> y.tag, false) OR coalesce(x.host <> y.host, false))
            AND NOT bool_or(coalesce(x.tag = y.tag, false) OR coalesce(x.host = y.host, false) OR coalesce(x.holder = y.holder, false))""",
    )
    if number(session, "SELECT count(*) FROM rz_disowned"):
        session.execute(
            f"""DELETE FROM rz_device_keys WHERE rule = {rule} AND n IN (SELECT x.n FROM rz_disowned x
                JOIN rz_typed z ON z.managed AND z.value <> x.value AND (z.tag = x.tag OR z.host = x.host))"""
        )
    dropped(session, "typed", "disowned")
