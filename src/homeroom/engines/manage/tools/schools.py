"""The schools of a district, with how many people and devices each has, by audience."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from homeroom.domain.know.devices.kinds import GEAR_KINDS
from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.domain.manage.tools.school_names import SchoolNames

Scope = frozenset[str] | None
"""Schools by name; None for all."""
DEVICE_AUDIENCES = (Audience.COMPUTERS, Audience.CHROMEBOOKS, Audience.TABLETS)
DEVICE_CONDITIONS: Mapping[Audience, str] = {
    Audience.STUDENTS: """kind IN ('chromebook', 'tablet', 'laptop') AND (holder_kind = 'student'
        OR (holder IS NULL AND cart IS NOT NULL))""",
    Audience.STAFF: "holder_kind = 'staff'",
    Audience.COMPUTERS: """(platform IN ('windows', 'macos', 'linux')
        OR (platform IS NULL AND kind IN ('laptop', 'desktop')))""",
    Audience.CHROMEBOOKS: "(kind = 'chromebook' OR platform = 'chromeos')",
    Audience.TABLETS: "kind = 'tablet'",
    Audience.EVERYBODY: "true",
    Audience.DISTRICT: "true",
}
"""SQL over `devices`: those of an audience."""
DEVICES_TABLE = "_tl_devices"
"""Temporary table of active devices: id, serial, tag, host, holder, school, and whether each audience has it.

Switches, printers and other gear of buildings are not in it.
"""
_DEVICES_SQL = f"""CREATE OR REPLACE TEMP TABLE {DEVICES_TABLE} AS
    SELECT id, upper(serial) AS serial, upper(trim(asset_tag)) AS tag,
        nullif(lower(split_part(trim(name), '.', 1)), '') AS host, holder, coalesce(school, '') AS school,
        {", ".join(f"coalesce({condition}, false) AS {audience}" for audience, condition in DEVICE_CONDITIONS.items())}
    FROM devices WHERE coalesce(active, known) AND NOT coalesce(retired, false) AND NOT coalesce(resting, false)
        AND coalesce(kind, '') NOT IN ({", ".join(f"'{kind}'" for kind in GEAR_KINDS)})"""
_DEVICE_COUNTS_SQL = f"""SELECT school, {", ".join(f"count(*) FILTER ({name})" for name in DEVICE_CONDITIONS)}
    FROM {DEVICES_TABLE} GROUP BY school"""
_PEOPLE_SQL = """SELECT coalesce(school, '') AS school, count(*) FILTER (kind = 'student') AS students,
    count(*) FILTER (kind = 'staff') AS staff FROM people WHERE here AND kind IN ('student', 'staff') GROUP BY ALL"""
_ORGS_SQL = """SELECT key, identifier, name, kind = 'school' FROM orgs WHERE trim(name) <> ''
    AND coalesce(status, 'active') <> 'tobedeleted' ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class Schools:
    """The schools by name.

    `people` and `devices` count by audience and school; the school is empty for those of none. `names` resolves names
    of lists, `listed` are schools that rosters list.
    """

    names: SchoolNames
    listed: frozenset[str] = frozenset()
    people: Mapping[Audience, Mapping[str, int]] = field(default_factory=dict)
    devices: Mapping[Audience, Mapping[str, int]] = field(default_factory=dict)

    def list_for(self, audience: Audience) -> tuple[str, ...]:
        """List the schools that have somebody, or a device, of an audience; all where nobody is known."""
        if audience in DEVICE_AUDIENCES:
            if any(self.devices.get(Audience.EVERYBODY, {}).values()):
                return _list_schools(self.devices[audience])
            return self.list_for(Audience.STUDENTS)
        if audience in (Audience.STUDENTS, Audience.STAFF) and (own := _list_schools(self.people.get(audience, {}))):
            return own
        students = _list_schools(self.people.get(Audience.STUDENTS, {}))
        return students or _list_schools(self.people.get(Audience.STAFF, {})) or tuple(sorted(self.listed))

    def count_people(self, scope: Collection[str] | None, audience: Audience = Audience.EVERYBODY) -> int:
        """Count the people of an audience in some schools; students for Chromebooks and tablets, else everybody."""
        if audience in (Audience.CHROMEBOOKS, Audience.TABLETS):
            audience = Audience.STUDENTS
        counted = (
            (audience,) if audience in (Audience.STUDENTS, Audience.STAFF) else (Audience.STUDENTS, Audience.STAFF)
        )
        return sum(_sum_schools(self.people.get(name, {}), scope) for name in counted)

    def count_devices(self, scope: Collection[str] | None, audience: Audience) -> int:
        """Count the active devices of an audience in some schools."""
        return _sum_schools(self.devices.get(audience, {}), scope)


def intersect_scopes(first: Scope, second: Scope) -> Scope:
    """Return the schools that are in both."""
    if first is None:
        return second
    return first if second is None else first & second


def read_schools(session: duckdb.DuckDBPyConnection) -> Schools:
    """Read the schools from the resolved people and devices and the rosters; write DEVICES_TABLE."""
    session.execute(_DEVICES_SQL)
    people = session.execute(_PEOPLE_SQL).fetchall()
    orgs = session.execute(_ORGS_SQL).fetchall()
    devices = session.execute(_DEVICE_COUNTS_SQL).fetchall()
    listed = frozenset(name for _, _, name, is_school in orgs if is_school)
    names = sorted({*listed, *(row[0] for row in people if row[0]), *(row[0] for row in devices if row[0])})
    ids = {str(identifier): name for *keys, name, _ in orgs for identifier in keys if identifier}
    return Schools(
        names=SchoolNames(names, ids=ids),
        listed=listed,
        people={
            Audience.STUDENTS: {school: students for school, students, _ in people},
            Audience.STAFF: {school: staff for school, _, staff in people},
        },
        devices={
            audience: {row[0]: row[position] for row in devices}
            for position, audience in enumerate(DEVICE_CONDITIONS, start=1)
        },
    )


def _list_schools(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(school for school, count in counts.items() if school and count))


def _sum_schools(counts: Mapping[str, int], scope: Collection[str] | None) -> int:
    return sum(count for school, count in counts.items() if scope is None or school in scope)
