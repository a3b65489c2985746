"""Scan sightings: which device a host is that a scanner merely saw on the network.

A scanner's record (`managed` null) belongs to the device of a console or asset list that has its hardware address, else
its serial number (an ordinary identity rule), else its host name: the first label of the name, only where exactly one
managed device has it, or where no managed device has it exactly one device of an asset list (a switch is in no
console), and only where it is not a manufacturer's default name. An IP address joins nothing, because it is leased.
Hosts that remain are joined to each other by hardware address, so that two scanners see one printer once.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.shared.components import IntArray, label_components
from homeroom.engines.resolve.shared.sql import (
    create_temp_table,
    drop_temp_tables,
    fetch_arrays,
    fetch_number,
    register_temp_table,
)

# Default names of manufacturers, installers and routers: sharing one proves nothing.
_GENERIC = (
    r"^(localhost|unknown|none|default|host|hostname|router|gateway|switch|printer|server|desktop|laptop|computer|pc|workstation"
    r"|windows|linux|ubuntu|debian|fedora|raspberrypi|android|iphone|ipad|imac|mac|macbook|macbook-?(pro|air)|mac-?mini|chromebook"
    r"|new-?host|user|admin|guest|test|(ip|dhcp|host)?[-_]?[0-9]+([-_][0-9]+)*)$"
)
HOST_LABEL_SQL = "lower(split_part(trim({}), '.', 1))"
IS_SPECIFIC_HOST_SQL = (
    f"regexp_full_match(host, '[a-z0-9][a-z0-9_-]*') AND length(host) > 2 AND NOT regexp_matches(host, '{_GENERIC}')"
)
_MAC = "regexp_full_match(value, '[0-9a-f]{12}') AND value NOT IN ('000000000000', 'ffffffffffff')"


def place_sightings(session: duckdb.DuckDBPyConnection, *, label: IntArray) -> IntArray:
    """Join sighted hosts to the components of their devices and return the labels of device nodes.

    Leaves rz_consoles (connector, console) and rz_sighted (n, why): the records joined here, and by which value.
    Records of consoles and asset lists are joined to each other by the identity rules alone.
    """
    create_temp_table(session, "sighted", "SELECT NULL::BIGINT AS n, NULL::VARCHAR AS why WHERE false")
    _classify_connectors(session)
    if not fetch_number(session, "SELECT count(*) FROM rz_consoles WHERE console IS NULL"):
        return label
    register_temp_table(session, "settled", pa.table({"n": np.arange(len(label)), "comp": label}))
    _create_hosts(session)
    for query in (_MATCH_BY_MAC, _MATCH_BY_NAME):
        create_temp_table(session, "home", query)
        session.execute(
            """INSERT INTO rz_sighted_home SELECT comp, min(home), min(why) FROM rz_home
            WHERE comp NOT IN (SELECT comp FROM rz_sighted_home) GROUP BY comp HAVING count(DISTINCT home) = 1"""
        )
    create_temp_table(session, "home", _MATCH_REMAINING)
    session.execute("INSERT INTO rz_sighted_home SELECT comp, home, why FROM rz_home WHERE comp <> home")
    session.execute(
        "INSERT INTO rz_sighted SELECT s.n, min(h.why) FROM rz_settled s JOIN rz_sighted_home h USING (comp) GROUP "
        "BY s.n"
    )
    left, right = fetch_arrays(session, "SELECT comp, home FROM rz_sighted_home")
    drop_temp_tables(session, "settled", "hosts", "host_macs", "sighted_home", "home")
    return label_components(count=len(label), start=label, left=left, right=right)


def _classify_connectors(session: duckdb.DuckDBPyConnection) -> None:
    """Create rz_consoles (connector, console), the kind of each connector.

    A console is a connector that manages a device. An asset list declares that it manages none, or has tags, holders or
    purchases without declaring it. Any other connector merely saw devices: console is null.
    """
    create_temp_table(
        session,
        "consoles",
        """SELECT connector, CASE WHEN bool_or(managed) THEN true WHEN bool_or(NOT managed OR asset_tag IS NOT NULL
            OR holder_email IS NOT NULL
            OR holder_name IS NOT NULL OR holder_number IS NOT NULL OR checked_out IS NOT NULL
                OR purchased_on IS NOT NULL) THEN false END AS console
        FROM rz_device_rows GROUP BY connector""",
    )


def _create_hosts(session: duckdb.DuckDBPyConnection) -> None:
    """Create rz_hosts: one row for each record, with its component, and whether that consists of sightings alone."""
    create_temp_table(
        session,
        "hosts",
        f"""SELECT s.comp, r.source, r.gone, r.managed, r.macs, {HOST_LABEL_SQL.format("r.name")} AS host,
            r.plain_serial AS serial,
            bool_and(c.console IS NULL) OVER (PARTITION BY s.comp) AS alone
        FROM rz_device_rows r JOIN rz_settled s USING (n) JOIN rz_consoles c USING (connector)""",
    )
    create_temp_table(
        session,
        "host_macs",
        f"""WITH every AS (SELECT comp, source, gone, alone, unnest(macs) AS value FROM rz_hosts)
        SELECT * FROM every WHERE value IN (SELECT value FROM every WHERE alone) AND {_MAC}""",
    )
    create_temp_table(
        session, "sighted_home", "SELECT NULL::BIGINT AS comp, NULL::BIGINT AS home, NULL::VARCHAR AS why WHERE false"
    )


# A current device comes before one that is gone; where two fit equally, neither is chosen.
_MATCH_BY_MAC = """
    WITH owners AS (SELECT value, comp, bool_and(gone) AS gone FROM rz_host_macs WHERE NOT alone GROUP BY ALL),
    best AS (SELECT *, min(gone::INTEGER) OVER (PARTITION BY value) AS least FROM owners),
    one AS (SELECT value, min(comp) AS home FROM best WHERE gone::INTEGER = least GROUP BY value HAVING count(*) = 1)
    SELECT DISTINCT m.comp, o.home, 'network address ' || value AS why FROM rz_host_macs m JOIN one o USING (value)
        WHERE m.alone"""
# A console comes before an asset list. Two different serial numbers are two devices, whatever their names.
_MATCH_BY_NAME = f"""
    WITH named AS (SELECT host, comp, serial, CASE WHEN managed THEN 0 ELSE 1 END AS cost FROM rz_hosts
        WHERE NOT alone AND NOT gone AND {IS_SPECIFIC_HOST_SQL}),
    best AS (SELECT *, min(cost) OVER (PARTITION BY host) AS least FROM named),
    one AS (SELECT host, min(comp) AS home, max(serial) AS serial FROM best WHERE cost = least GROUP BY host
        HAVING count(DISTINCT comp) = 1)
    SELECT DISTINCT h.comp, o.home, 'host name ' || host AS why FROM rz_hosts h JOIN one o USING (host)
    WHERE h.alone AND NOT h.gone AND (h.serial IS NULL OR o.serial IS NULL OR h.serial = o.serial)"""
_MATCH_REMAINING = """
    WITH still AS (SELECT * FROM rz_host_macs WHERE alone AND comp NOT IN (SELECT comp FROM rz_sighted_home)),
    fit AS (SELECT value FROM (SELECT value, source, count(DISTINCT comp) AS c FROM still GROUP BY ALL)
        GROUP BY value HAVING max(c) = 1 AND count(*) > 1)
    SELECT s.comp, min(s.comp) OVER (PARTITION BY value) AS home, 'network address ' || value AS why FROM still s
        JOIN fit USING (value)"""
