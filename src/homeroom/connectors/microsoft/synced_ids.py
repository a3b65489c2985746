"""Ids of the on-premises account that an account of Entra is synchronized with.

Source of the fields: Microsoft Graph v1.0 resource user. `onPremisesImmutableId` is the source anchor, by default the
objectGUID of Active Directory in base64.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.rows.field_table import LOWER, TEXT, Field
from homeroom.ingest.values import parsers

FIELDS = (
    Field(to="_anchor", headings=("onPremisesImmutableId", "ImmutableId"), form=TEXT),
    Field(to="_on_premises_sid", headings=("onPremisesSecurityIdentifier",), form=LOWER),
    Field(to="_on_premises_name", headings=("onPremisesSamAccountName",), form=LOWER),
    Field(to="_on_premises_domain", headings=("onPremisesDomainName",), form=LOWER),
)
_GUID_BYTES = 16


def collect_synced_ids() -> pl.Expr:
    """Return the ids of the on-premises account as `guid:`, `sid:` and `sam:domain/name`; null if there are none.

    An anchor that is no GUID, such as one that another program chose, is left out.
    """
    anchor = pl.col("_anchor").str.decode("base64", strict=False)
    text = pl.when(anchor.bin.size() == _GUID_BYTES).then(anchor.bin.encode("hex"))
    # A GUID stores its first three groups with the last byte first.
    groups = [[3, 2, 1, 0], [5, 4], [7, 6], [8, 9], [10, 11, 12, 13, 14, 15]]
    guid = pl.concat_str(
        [pl.concat_str([text.str.slice(2 * byte, 2) for byte in group]) for group in groups], separator="-"
    )
    return parsers.collect_list(
        [
            pl.concat_str(pl.lit("guid:"), guid),
            pl.concat_str(pl.lit("sid:"), pl.col("_on_premises_sid")),
            pl.concat_str(pl.lit("sam:"), pl.col("_on_premises_domain"), pl.lit("/"), pl.col("_on_premises_name")),
        ]
    )
