"""Why a subject is what it is: its records, and the rule that joined each."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.engines.resolve.rules import RULES, Phase

_PHASES = {
    Phase.STRONG: "another record has this identifier, which decides alone",
    Phase.WEAK: "another record has this identifier, which decides where each source has it once and nothing contradicts it",
}
_BEGINNINGS = {
    "anchor": "the record that the others were joined to",
    "weight of": "no identifier decides; its signs weigh this much more for than against, and nothing else comes near",
    "a decision made by hand": "somebody said so; homeroom resolve --doubtful lists the answers that stand",
    "network address": "it was seen on the network with a hardware address that one device has",
    "host name": "it was seen on the network under a name that one device has",
    "administration account": "it is called like the one member of staff who has it beside their own",
    "alias": "one of its further addresses is the person's",
    "user name": "its address begins with the user name of a person without an address",
    "the same record": "it was joined through records that stand no more",
}
_WITHOUT_VALUES = ("weight of", "a decision made by hand", "anchor", "the same record")


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One record of a subject: where it stands, by which rule it was joined, what that says in words, and whether it is
    gone from its source."""

    connector: str
    instance: str
    table: str
    key: str
    rule: str
    says: str
    gone: bool


def explain(links: pa.Table, *, kind: str, subject: int, masked: bool = True) -> tuple[Explained, ...]:
    """The records of one subject from the derived table `links`, first the anchor.

    Values of persons' and accounts' identifiers are masked (first letter kept) unless `masked` is false.
    """
    rows = links.filter(pc.and_(pc.equal(links["subject_kind"], kind), pc.equal(links["id"], subject))).to_pylist()
    hide = masked and kind != "device"
    found = [
        Explained(
            connector=row["connector"],
            instance=row["instance"],
            table=row["table_name"],
            key=_masked(row["key"]) if hide else row["key"],
            rule=_hidden(row["rule"]) if hide else row["rule"],
            says=_says(row["rule"]),
            gone=row["gone"],
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda item: (item.rule != "anchor", item.table, item.connector, item.instance, item.key))
    )


def _says(rule: str) -> str:
    """What a rule means, by the beginnings of its words: those of the rules of identity, and of what comes after them."""
    phases = {one.name: one.phase for one in RULES}
    name = next((name for name in sorted(phases, key=len, reverse=True) if rule.startswith(f"{name} ")), "")
    if name:
        return _PHASES[phases[name]]
    return next((said for begins, said in _BEGINNINGS.items() if rule.startswith(begins)), "")


def _hidden(rule: str) -> str:
    if rule.startswith(_WITHOUT_VALUES):
        return rule
    words, blank, value = rule.rpartition(" ")
    return f"{words} {_masked(value)}" if blank else rule


def _masked(value: str) -> str:
    return value[:1] + "*" * min(len(value) - 1, 12)
