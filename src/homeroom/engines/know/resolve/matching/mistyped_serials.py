"""Serials that an asset list mistyped as another device's: they join nothing, and the row is scored instead.

A row of an asset list (`managed` false) loses its serial where every console's record of that serial has another name
or tag, none agrees with it in anything, and a console's record of another serial has exactly its tag or name. Of two
rows with one serial, other tags and other holders, a row loses it where a console's record of another serial has its
tag or name, or has its holder and is in no row of its own, and no record of that serial has its tag, name or holder.
Otherwise the two rows are one device, listed twice.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.shared.hosts import HOST_LABEL_SQL
from homeroom.engines.know.resolve.shared.rules import RULES
from homeroom.evidence.query.steps import Step


def list_mistyped_serial_steps() -> tuple[Step, ...]:
    """Remove the serials of mistyped rows from rz_device_keys."""
    rule_index = next(
        index for index, candidate in enumerate(RULES) if candidate.kind == "device" and candidate.space == "serial"
    )
    return (
        Step(
            name="list serials that consoles and asset lists report",
            reads=("device_keys", "device_rows"),
            writes=("typed",),
            sql=f"""SELECT k.n, k.value, r.managed, r.plain_tag AS tag, {HOST_LABEL_SQL.format("r.name")} AS host,
            lower(r.holder_email) AS holder, k.source
        FROM rz_device_keys k JOIN rz_device_rows r USING (n) WHERE k.rule = {rule_index} AND r.managed IS NOT NULL
            AND (r.asset_tag IS NOT NULL OR r.name IS NOT NULL OR r.holder_email IS NOT NULL)""",
        ),
        Step(
            name="find serials with which no console agrees",
            reads=("typed",),
            writes=("disowned",),
            sql="""SELECT x.n, any_value(x.value) AS value, any_value(x.tag) AS tag, any_value(x.host) AS host
        FROM rz_typed x JOIN rz_typed y ON y.value = x.value AND y.managed AND NOT x.managed
            AND (y.tag IS NOT NULL OR y.host IS NOT NULL) AND (x.tag IS NOT NULL OR x.host IS NOT NULL) GROUP BY x.n
        HAVING bool_and(coalesce(x.tag <> y.tag, false) OR coalesce(x.host <> y.host, false))
            AND NOT bool_or(coalesce(x.tag = y.tag, false) OR coalesce(x.host = y.host, false)
                OR coalesce(x.holder = y.holder, false))""",
        ),
        Step(
            name="find rows of one serial with other tags and holders",
            reads=("typed",),
            writes=("repeated_serials",),
            sql="""SELECT DISTINCT x.n, x.value, x.tag, x.host, x.holder FROM rz_typed x JOIN rz_typed y
            ON y.value = x.value AND y.source = x.source AND y.n <> x.n
        WHERE NOT x.managed AND NOT y.managed AND x.tag <> y.tag AND x.holder <> y.holder""",
        ),
        Step(
            name="remove mistyped serials",
            reads=("device_keys", "disowned", "typed"),
            writes=("device_keys",),
            sql=f"""DELETE FROM rz_device_keys WHERE rule = {rule_index} AND n IN (SELECT x.n FROM rz_disowned x
                JOIN rz_typed z ON z.managed AND z.value <> x.value AND (z.tag = x.tag OR z.host = x.host))""",
            when="SELECT count(*) > 0 FROM rz_disowned",
        ),
        Step(
            name="remove serials typed into another device's row",
            reads=("device_keys", "repeated_serials", "typed"),
            writes=("device_keys",),
            sql=f"""DELETE FROM rz_device_keys WHERE rule = {rule_index} AND n IN (SELECT x.n FROM rz_repeated_serials x
                JOIN rz_typed z ON z.managed AND z.value <> x.value AND (z.tag = x.tag OR z.host = x.host
                    OR z.holder = x.holder AND z.value NOT IN (SELECT value FROM rz_typed WHERE NOT managed))
                WHERE NOT EXISTS (SELECT 1 FROM rz_typed y WHERE y.managed AND y.value = x.value
                    AND (y.tag = x.tag OR y.host = x.host OR y.holder = x.holder)))""",
            when="SELECT count(*) > 0 FROM rz_repeated_serials",
        ),
    )
