"""Devices that have a vulnerable or unsupported item, the people who use them, and what those can reach."""

from __future__ import annotations

from homeroom.evidence.query.steps import Step

_SERVER_SQL = "regexp_matches(lower(coalesce(d.os_edition, '') || ' ' || coalesce(d.os_version, '')), 'server')"
_PRIVATE_NETWORK = r"^((?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+)\.\d+$"

_LIST_INSTALLS = Step(
    name="list the devices of affected items",
    reads=("device_listings", "listing_items", "findings", "support_ends"),
    writes=("vulnerable_installs",),
    sql="""SELECT DISTINCT r.device, o.item FROM vn_device_listings r JOIN vn_listing_items o USING (listing_hash)
        WHERE o.item IN (SELECT item FROM vn_findings UNION SELECT item FROM vn_support_ends)""",
)
# A network is the first three numbers of a private IPv4 address. Where both schools are known they have to be the same:
# every home has a 192.168.1.
_FIND_SERVER_NEIGHBORS = Step(
    name="find devices that share a network with a server",
    reads=("devices",),
    writes=("server_neighbors",),
    sql=f"""WITH nets AS (
            SELECT DISTINCT d.id, d.school, {_SERVER_SQL} AS server,
                regexp_extract(address, '{_PRIVATE_NETWORK}', 1) AS net
            FROM (SELECT id, school, os_edition, os_version, unnest(addresses) AS address FROM vn_devices) d
                WHERE regexp_matches(address, '{_PRIVATE_NETWORK}'))
        SELECT DISTINCT n.id FROM nets n SEMI JOIN (SELECT net, school FROM nets WHERE server) s
            ON s.net = n.net AND coalesce(s.school = n.school, true) WHERE NOT n.server""",
)
_COUNT_USAGE = Step(
    name="count devices and people by item",
    reads=("vulnerable_installs", "devices", "people", "services", "server_neighbors"),
    writes=("item_usage",),
    sql=f"""SELECT p.item, count(*) AS devices, count(*) FILTER (p.device IN (SELECT device FROM vn_services
            WHERE public AND open)) AS public,
            count(*) FILTER (d.holder_kind = 'staff') AS staff, count(*) FILTER (d.holder_kind = 'student') AS students,
            count(*) FILTER ({_SERVER_SQL}) AS servers, count(*) FILTER (h.administers) AS administrators,
                max(len(h.opens)) AS opens,
            count(*) FILTER (p.device IN (SELECT id FROM vn_server_neighbors)) AS beside_servers
        FROM vn_vulnerable_installs p JOIN vn_devices d ON d.id = p.device LEFT JOIN vn_people h ON h.id = d.holder
            GROUP BY p.item""",
)
AFFECTED_DEVICE_STEPS = (_LIST_INSTALLS, _FIND_SERVER_NEIGHBORS, _COUNT_USAGE)
"""The steps from findings and support_ends to vulnerable_installs (device, item) and item_usage (item, devices, …)."""
