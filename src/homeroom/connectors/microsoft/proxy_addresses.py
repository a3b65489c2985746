"""Mail addresses among proxyAddresses, as Graph and the admin center write them."""

from __future__ import annotations

import polars as pl

from homeroom.ingest.values import parsers

_NONE = pl.lit([], dtype=pl.List(pl.String))


def collect_aliases(proxies: pl.Expr, *others: pl.Expr) -> pl.Expr:
    """Return the addresses of the lists, in lower case and without that of the column `email`; null if there are none.

    Proxies are `SMTP:` for the primary and `smtp:` for others; x500, sip and other kinds are not mail.
    """
    mail = proxies.list.eval(
        pl.element().filter(pl.element().str.contains(r"(?i)^smtp:")).str.replace(r"(?i)^smtp:", "").str.to_lowercase()
    )
    addresses = pl.concat_list(*(other.fill_null(_NONE) for other in others), mail.fill_null(_NONE))
    return parsers.normalize_list(addresses.list.set_difference(pl.concat_list("email")))
