"""The rules of identity, as data: which identifiers two records must share to be one person, account or device.

Names, addresses of networks (MAC) and holders are no identifiers: what they say is weighed afterwards (`weights`).

Forms (how a value is compared):
- `email`: trimmed, lower case. Tags after a plus are kept: some systems give `name+2@` to a second person, and a
  directory treats it as another address.
- `number`: trimmed, upper case, inner blanks removed; leading zeros are kept. A second, weaker rule compares numbers
  without leading zeros (spreadsheets eat them), only where each source has a single person of that number.
- `serial`: upper case without spaces, hyphens, dots, slashes, underscores, colons, quotes, # and *, and without what stands
  before it on labels: `S/N`, and in Lenovo's barcodes `1S` with the ten signs of the machine type. So are asset tags.
- `hardware`: upper case without spaces, hyphens, dots, slashes and underscores.
- `directory`: lower case, without braces.

Phases. *Strong* rules join first. A strong value on two records of one source makes one subject, a duplicate, unless the
records contradict one another (another form of the same kind of identifier, another given name, another maker); on
CROWD or more it is worthless and joins nobody anywhere. *Weak* rules then join what the strong ones made: only where each
source has one subject of that value in its lane (a family's shared address joins no pupils), and never subjects whose
guards differ (serials, master ids, directory ids).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CROWD = 3
AGAIN = 6
"""Records of one source with one strong value that may yet be one machine, enrolled again and again."""


class Phase(StrEnum):
    """When a rule joins, and how far it is trusted."""

    STRONG = "strong"
    WEAK = "weak"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One identifier. `value` and `scope` are SQL over a record `r`; rules of one `space` share their values.

    `many` is true where `value` is a list. Two records share an identifier where space, scope and value are the same.
    `lane` divides one source's records for weak rules. `ready` is true where staging has brought `value` into its form.
    """

    kind: str
    name: str
    value: str
    form: str
    space: str
    scope: str = "''"
    lane: str = "''"
    many: bool = False
    ready: bool = False
    phase: Phase = Phase.STRONG
    least: int = 1


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What keeps records apart. `single` is SQL over a record: weak rules never join subjects that differ in it.

    `contradiction` is SQL over two records `a` and `b` of one source that share a strong identifier.
    """

    kind: str
    single: str
    contradiction: str


def without(signs: str, *, value: str) -> str:
    """SQL: a value in upper case without these signs. Few values hold any, and to look for them costs a third of taking them out."""
    known = "".join(f"\\{sign}" if sign in "-./" else sign for sign in signs)
    return f"CASE WHEN regexp_matches({value}, '[{known}]') THEN translate(upper({value}), '{signs}', '') ELSE upper({value}) END"


_BLANKS = " \t\r\n\u00a0"
FORMS: dict[str, str] = {
    "email": "nullif(lower(trim({0})), '')",
    "number": f"nullif({without(_BLANKS, value='{0}')}, '')",
    "stripped": f"nullif(ltrim({without(_BLANKS, value='{0}')}, '0'), '')",
    "serial": r"nullif(regexp_replace(translate(regexp_replace(upper({0}), '^\s*(S/N|SN\b|SERIAL\s*(NO|NUMBER)?\b)[\s.:#]*', ''), '-./_:#*''` "
    + "\t\r\n\u00a0', ''), '^1S[0-9A-Z]{{10}}([0-9A-Z]{{8}})$', '\\1'), '')",
    "hardware": f"nullif({without('-./_' + _BLANKS, value='{0}')}, '')",
    "directory": "nullif(translate(lower(trim({0})), '{{}}', ''), '')",
}
_SHAPES = {
    "email": "regexp_full_match(v, '[^@\\s]+@[^@\\s]+\\.[^@\\s]+')",
    "serial": "NOT regexp_matches(v, '^[0-9]+E\\+[0-9]+$')",
}

_TYPED = "regexp_matches(lower(x), '^(sis|local|employee|emp|staff|student|pupil|id|number|district|badge)[a-z _]*:')"
_OTHER_NUMBERS = f"list_transform(list_filter(r.other_ids, x -> {_TYPED}), x -> regexp_extract(x, ':(.*)$', 1))"
_OTHER_REST = f"list_filter(r.other_ids, x -> NOT {_TYPED})"
_PERSON_EMAIL = "coalesce(r.email, CASE WHEN r.username LIKE '%@%' THEN r.username END)"
NUMBER = "coalesce(r.identifier, CASE WHEN r.connector = 'hr' THEN r.key END)"
_ACCOUNT_ID = "coalesce(r.directory_id, CASE WHEN r.key NOT LIKE '%@%' THEN r.key END)"
# An address that was given to a new account does not join it to the one that is gone.
_ACCOUNT_EMAIL = f"CASE WHEN r.gone AND {_ACCOUNT_ID} IS NOT NULL THEN NULL ELSE r.email END"
_TENANT = "r.connector || ' ' || r.instance"
_AGE = "CASE WHEN r.namespace = 'student' THEN 'student' ELSE 'adult' END"

RULES: tuple[Rule, ...] = (
    Rule(kind="person", name="master id", value="r.master_id", form="number", space="master", least=3),
    Rule(kind="person", name="number", value=NUMBER, form="number", space="number", scope="r.namespace", least=2),
    Rule(kind="person", name="number", value=_OTHER_NUMBERS, form="number", space="number", scope="r.namespace", many=True, least=2),
    Rule(kind="person", name="other id", value=_OTHER_REST, form="number", space="other", scope="r.namespace", many=True, least=3),
    # Numbers of staff and of pupils may be the same by chance; with the same address they are one person.
    Rule(kind="person", name="number and e-mail", value=f"{NUMBER} || ' ' || {_PERSON_EMAIL}", form="number", space="both", least=5),
    Rule(kind="person", name="e-mail", value=_PERSON_EMAIL, form="email", space="email", scope=_AGE, lane="r.namespace", phase=Phase.WEAK, least=5),
    Rule(kind="person", name="number without zeros", value=NUMBER, form="stripped", space="stripped", scope="r.namespace", phase=Phase.WEAK, least=3),
    Rule(kind="account", name="directory id", value=_ACCOUNT_ID, form="directory", space="id", scope=_TENANT, least=3),
    Rule(kind="account", name="primary address", value=_ACCOUNT_EMAIL, form="email", space="email", scope=_TENANT, lane="r.n", phase=Phase.WEAK, least=5),
    Rule(kind="device", name="serial", value="r.plain_serial", form="serial", ready=True, space="serial", least=5),
    Rule(kind="device", name="hardware id", value="r.hardware_ids", form="hardware", space="hardware", many=True, least=8),
    Rule(kind="device", name="directory id", value="r.directory_id", form="directory", space="directory", least=8),
    Rule(kind="device", name="asset tag", value="r.plain_tag", form="serial", ready=True, space="tag", phase=Phase.WEAK, least=2),
)  # fmt: skip

_MAKER = "lower(split_part(trim({}.manufacturer), ' ', 1))"
GUARDS: dict[str, Guard] = {
    "person": Guard(
        kind="person",
        single=FORMS["number"].format("r.master_id"),
        contradiction="lower(a.email) <> lower(b.email) OR a.master_id <> b.master_id"
        " OR strip_accents(lower(a.given_name)) <> strip_accents(lower(b.given_name))",
    ),
    "account": Guard(
        kind="account", single=FORMS["directory"].format(_ACCOUNT_ID), contradiction="a.directory_id <> b.directory_id"
    ),
    "device": Guard(
        kind="device",
        single="r.plain_serial",
        contradiction="a.plain_serial <> b.plain_serial"
        # Two rows of an asset list, tagged otherwise and held by others: one of the serials was typed into the wrong row.
        " OR (NOT a.managed AND NOT b.managed AND a.plain_tag <> b.plain_tag AND lower(a.holder_email) <> lower(b.holder_email))"
        f" OR {_MAKER.format('a')} <> {_MAKER.format('b')} OR a.platform <> b.platform"
        " OR (list_has_any(list_transform(a.hardware_ids, x -> split_part(x, ':', 1)),"
        " list_transform(b.hardware_ids, x -> split_part(x, ':', 1)))"
        " AND NOT list_has_any(a.hardware_ids, b.hardware_ids))",
    ),
}


def shape(form: str) -> str:
    """SQL over `v` that a value of that form must satisfy."""
    return _SHAPES.get(form, "true")
