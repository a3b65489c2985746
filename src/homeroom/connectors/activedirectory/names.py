"""What a distinguished name says: the unit that an account lies in, and the domain."""

from __future__ import annotations

import polars as pl

_COMMA, _BACKSLASH = "\ue000", "\ue001"


def unit(column: pl.Expr) -> pl.Expr:
    """The containers above the account as a path, the outermost first: `CN=A,OU=Staff,OU=Lincoln,DC=…` is /Lincoln/Staff.

    Organisational units and plain containers (CN=Users) count alike. Escapes are RFC 4514's; a stroke within a name
    becomes a dash, because strokes part the path. An account that lies directly in the domain gives /.
    """
    above = _freed(column).str.replace(r"^[^,]*", "")
    parts = above.str.extract_all(r"(?i),\s*(?:OU|CN)=[^,]*")
    names = parts.list.eval(
        pl.element()
        .str.replace(r"(?i)^,\s*(?:OU|CN)=", "")
        .str.replace_all(_COMMA, ",", literal=True)
        .str.replace_all(_BACKSLASH, "\\", literal=True)
        .str.replace_all("/", "-", literal=True)
        .str.strip_chars()
    )
    path = pl.concat_str(pl.lit("/"), names.list.reverse().list.join("/"))
    return pl.when(above.str.contains(r"(?i),\s*DC=")).then(path)


def domain(column: pl.Expr) -> pl.Expr:
    """The domain's DNS name in lower case: `…,DC=maple,DC=example` is maple.example; null where none is named."""
    parts = _freed(column).str.to_lowercase().str.extract_all(r",\s*dc=[^,]*")
    joined = parts.list.eval(pl.element().str.replace(r"^,\s*dc=", "").str.strip_chars()).list.join(".")
    return pl.when(joined != "").then(joined)


def _freed(column: pl.Expr) -> pl.Expr:
    """The name with escaped commas and backslashes out of the way, and other escaped signs as themselves."""
    freed = column.str.replace_all(r"\\\\|\\5[Cc]", _BACKSLASH).str.replace_all(r"\\,|\\2[Cc]", _COMMA)
    return freed.str.replace_all(r'\\([#+<>;"= /])', "$1")
