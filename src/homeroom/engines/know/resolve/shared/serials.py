"""Serial numbers that identify a device, as opposed to what firmware and typists enter where there is none."""

from __future__ import annotations

from homeroom.engines.know.resolve.shared.words import PLACEHOLDERS, quote_sql_list

MIN_SERIAL_LENGTH = 5


def usable_serial_sql(value: str) -> str:
    """Return SQL for a normalized serial number; null where it is a placeholder, one repeated sign, or too short."""
    return (
        f"CASE WHEN length({value}) >= {MIN_SERIAL_LENGTH} AND replace({value}, left({value}, 1), '') <> '' "
        f"AND {value} NOT IN ({quote_sql_list(PLACEHOLDERS)}) THEN {value} END"
    )
