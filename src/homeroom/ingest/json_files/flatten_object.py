"""One JSON object as a flat row: the slow path, which reports what is wrong with the object."""

from __future__ import annotations

from typing import Any

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.files.text_layout import LINE


def flatten_object(item: dict[str, Any], *, limits: Limits) -> dict[str, str]:
    """Return one JSON object as a flat row.

    Raise ValueError if it is nested too deep or two names collide.
    """
    row: dict[str, str] = {}
    _flatten_value(item, "", row, limits.depth)
    if len(row) > limits.columns:
        raise ValueError(f"more than {limits.columns:,} values")
    return row


def _flatten_value(value: Any, name: str, row: dict[str, str], depth: int) -> None:
    """Write a value into the row.

    Raise ValueError for a value that cannot be represented.
    """
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        for inner, item in value.items():
            _flatten_value(item, f"{name}.{inner}" if name else inner, row, depth - 1)
    elif isinstance(value, list):
        _flatten_list(value, name, row, depth)
    elif value is not None and value != "":
        _set_value(_format_plain(value), name, row)


def _flatten_list(values: list[Any], name: str, row: dict[str, str], depth: int) -> None:
    if any(isinstance(item, dict | list) for item in values):
        for number, item in enumerate(values):
            _flatten_value(item, f"{name}.{number}", row, depth - 1)
        return
    plain = [_format_plain(item) for item in values if item is not None and item != ""]
    if plain:
        _set_value(" ".join(plain), name, row)


def _format_plain(value: str | bool) -> str:
    return value if isinstance(value, str) else ("true" if value else "false")


def _set_value(text: str, name: str, row: dict[str, str]) -> None:
    if name in row:
        raise ValueError(f"two values for {name[:60]}")
    if name == LINE or not name:
        raise ValueError("a field without a name, or with a reserved one")
    if "\0" in text:
        raise ValueError(f"a NUL in {name[:60]}")
    if not (text.isascii() and name.isascii()):
        try:
            (text + name).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError(f"half a letter (a lone surrogate) in {name[:60]}") from error
    row[name] = text
