"""Custom fields of Snipe-IT that identify a device: network addresses, host names and hardware ids, under any names.

Snipe-IT ships one custom field, `MAC Address`; districts add others such as `Wi-Fi MAC` or `LAN MAC 2`. A column is
taken for network addresses by the word MAC in its name, and for host names by `Hostname`, `Computer Name` and the like
in it: `PC Hostname`, `AD Computer Name`.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.rows.field_table import RawRows, build_rejects, concat_rejects
from homeroom.ingest.values import parsers

_HEADING = r"(.*[^a-z])?mac([^a-z].*)?|.*mac[^a-z]*(address|addr)([^a-z].*)?|(physical|hardware) address"
_ADDRESS = (
    r"(?i)\b(?:[0-9a-f]{2}[:\-]){5}[0-9a-f]{2}\b|\b(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}\b|\b[0-9a-f]{12}\b"
    r"|\b(?:[0-9a-f]{2} ){5}[0-9a-f]{2}\b"
)
_LEAST_SHARE = 0.5
"""A column is one of network addresses only where at least this share of its values holds one."""
_HOST_HEADING = (
    r".*host[ _-]?name([^a-z].*)?|(.*[^a-z])?(computer|pc|machine|device|netbios|dns|bios)[ _-]?name([^a-z].*)?|fqdn"
)
HARDWARE_IDS = {"imei": ("IMEI", "IMEI Number"), "udid": ("UUID", "SMBIOS UUID", "Hardware UUID")}


def read_network_addresses(raw: RawRows) -> tuple[pl.Series, pl.DataFrame]:
    """Return a list of addresses a row, null where it has none, and the rejects for values that hold none."""
    lists, rejects = [], []
    for name in raw.match_columns(_HEADING):
        values = raw.frame.select(parsers.strip_text(pl.col(name))).to_series()
        addresses = values.str.extract_all(_ADDRESS)
        is_unread = (addresses.list.len() == 0) & values.is_not_null()
        if is_unread.sum() > (1 - _LEAST_SHARE) * (len(values) - values.null_count()):
            continue
        lists.append(addresses)
        bad = raw.frame.select("_line", values.alias("value")).filter(is_unread)
        bad = bad.filter(~parsers.is_null_word(pl.col("value")))
        reason = "not a network address; twelve hex digits fit"
        rejects.append(build_rejects(bad, field=name, value="value", reason=reason, row_lost=False))
    parts = pl.DataFrame({str(number): series for number, series in enumerate(lists)}).select(
        parsers.parse_mac(pl.col(str(number)).list.get(index, null_on_oob=True)).alias(f"{number} {index}")
        for number, series in enumerate(lists)
        for index in range(max(series.list.len().fill_null(0).to_list(), default=0))
    )
    if not parts.width:
        return pl.Series("macs", [None] * len(raw.frame), dtype=pl.List(pl.String)), concat_rejects(rejects)
    macs = parts.select(parsers.collect_list([pl.col(name) for name in parts.columns]).alias("macs")).to_series()
    return macs, concat_rejects(rejects)


def read_host_names(raw: RawRows) -> pl.Series:
    """Return the computer's own name a row, from the first column of host names that has one; null where none has."""
    names = [parsers.normalize_text(pl.col(name)) for name in raw.match_columns(_HOST_HEADING)]
    host = pl.coalesce(names) if names else pl.lit(None, dtype=pl.String)
    return raw.frame.with_columns(host.alias("host"))["host"]


def read_hardware_ids(raw: RawRows) -> pl.Series:
    """Return a list of hardware ids a row, each as type:value; null where it has none."""
    ids = [
        pl.concat_str(pl.lit(f"{kind}:"), parsers.lower_text(raw.select_value(*headings)))
        for kind, headings in HARDWARE_IDS.items()
        if raw.find_columns(*headings)
    ]
    # The file may have no such heading at all, and then a select alone would give one row.
    return raw.frame.with_columns(parsers.collect_list(ids).alias("hardware_ids"))["hardware_ids"]
