"""Explanations of a subject: its records, and the rule that joined each."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.engines.know.resolve.shared.rules import RULES, RulePhase

_PHASE_EXPLANATIONS = {
    RulePhase.STRONG: "another record has this identifier, which decides alone",
    RulePhase.WEAK: "another record has this identifier, which decides where each source has it once and nothing "
    "contradicts it",
}
_EXPLANATIONS_BY_RULE = {
    "network card": "another record of this source has this network card and reported before or after it; neither has "
    "a serial number",
    "network card and name": "another record has this network card under this name, and no other serial number",
    "network card and tag": "another record has this network card under this tag, and no other serial number",
}
_EXPLANATIONS_BY_PREFIX = {
    "anchor": "the record that the others were joined to",
    "weight of": "no identifier decides; its signs weigh this much more for than against, and nothing else comes near",
    "a decision made by hand": "somebody said so; homeroom resolve --doubtful lists the answers that stand",
    "network address": "it was seen on the network with a hardware address that one device has",
    "host name": "it was seen on the network under a name that one device has",
    "administration account": "it is called like the one member of staff who has it beside their own",
    "the same account in a synchronized directory": "the two directories are synchronized, and both name one account",
    "e-mail of another": "an account of theirs in another directory has this address",
    "e-mail of somebody who left": "its address is of somebody who left, its name of this person, who has no address",
    "number of another": "an account of theirs in another directory has this number and such a name",
    "full name of another": "an account of theirs in another directory has this full name, and nobody else has it",
    "an account has": "an account has this beside an address or a number of the other record, and the names agree",
    "a closed and an open record": "its source closed the one record and opened the other, with one name",
    "alias": "one of its further addresses is the person's",
    "user name": "its address begins with the user name of a person without an address",
    "the same record": "it was joined through records that stand no more",
}
SUPERSEDED = ", superseded"
"""What follows the rule of a record that a newer installation or enrollment of the same device replaced."""
_RULES_WITHOUT_VALUES = ("weight of", "a decision made by hand", "anchor", "the same record")


@dataclass(frozen=True, kw_only=True)
class MatchExplanation:
    """One record of a subject: its source, the rule that joined it, that rule in words, and whether it is gone."""

    connector: str
    instance: str
    table: str
    key: str
    rule: str
    says: str
    gone: bool


def explain(links: pa.Table, *, kind: str, subject: int, masked: bool = True) -> tuple[MatchExplanation, ...]:
    """Return the records of one subject from the derived table `links`, the anchor first.

    Values of persons' and accounts' identifiers are masked (the first letter stays) unless `masked` is false.
    """
    rows = links.filter(pc.and_(pc.equal(links["subject_kind"], kind), pc.equal(links["id"], subject))).to_pylist()
    hide = masked and kind != "device"
    records = [
        MatchExplanation(
            connector=row["connector"],
            instance=row["instance"],
            table=row["table_name"],
            key=_mask_value(row["key"]) if hide else row["key"],
            rule=_mask_rule(row["rule"]) if hide else row["rule"],
            says=_explain_rule(row["rule"]),
            gone=row["gone"],
        )
        for row in rows
    ]
    return tuple(
        sorted(records, key=lambda item: (item.rule != "anchor", item.table, item.connector, item.instance, item.key))
    )


def _explain_rule(rule: str) -> str:
    """Explain a rule in words, by the prefix of its text.

    Covers the identity rules and the steps after them.
    """
    phases = {rule_entry.name: rule_entry.phase for rule_entry in RULES}
    name = next((name for name in sorted(phases, key=len, reverse=True) if rule.startswith(f"{name} ")), "")
    own = next((text for prefix, text in _EXPLANATIONS_BY_PREFIX.items() if rule.startswith(prefix)), "")
    superseded = "; a newer record of this source decides what the device is" if rule.endswith(SUPERSEDED) else ""
    explanation = _EXPLANATIONS_BY_RULE.get(name) or own or (_PHASE_EXPLANATIONS[phases[name]] if name else "")
    return explanation + superseded


def _mask_rule(rule: str) -> str:
    if rule.startswith(_RULES_WITHOUT_VALUES):
        return rule
    rule_name, blank, value = rule.rpartition(" ")
    return f"{rule_name} {_mask_value(value)}" if blank else rule


def _mask_value(value: str) -> str:
    return value[:1] + "*" * min(len(value) - 1, 12)
