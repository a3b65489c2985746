"""Parts of a distinguished name: the organizational unit of an account, and its domain."""

from __future__ import annotations

import polars as pl

_COMMA, _BACKSLASH = "\ue000", "\ue001"


def extract_org_unit(column: pl.Expr) -> pl.Expr:
    """Extract the containers above the account as a path, the outermost first.

    `CN=A,OU=Staff,OU=Lincoln,DC=…` becomes /Lincoln/Staff. Organizational units and plain containers (CN=Users) count
    alike. Escapes are RFC 4514's; a slash within a name becomes a dash, because slashes separate the path. An account
    that is directly in the domain gives /.
    """
    above = _unescape(column).str.replace(r"^[^,]*", "")
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


def extract_domain(column: pl.Expr) -> pl.Expr:
    """Extract the domain's DNS name in lower case: `…,DC=maple,DC=example` is maple.example; null if none is named."""
    parts = _unescape(column).str.to_lowercase().str.extract_all(r",\s*dc=[^,]*")
    dns_name = parts.list.eval(pl.element().str.replace(r"^,\s*dc=", "").str.strip_chars()).list.join(".")
    return pl.when(dns_name != "").then(dns_name)


def _unescape(column: pl.Expr) -> pl.Expr:
    """Replace escaped commas and backslashes by placeholders, and other escaped characters by themselves."""
    unescaped = column.str.replace_all(r"\\\\|\\5[Cc]", _BACKSLASH).str.replace_all(r"\\,|\\2[Cc]", _COMMA)
    return unescaped.str.replace_all(r'\\([#+<>;"= /])', "$1")
