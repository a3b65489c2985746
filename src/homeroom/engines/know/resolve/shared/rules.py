"""The identity rules, as data: the identifiers that two records must share to be one person, account or device.

Names, network addresses (MAC) and holders are no identifiers: they are scored afterwards (`weights`).

Forms (how a value is compared):
- `email`: trimmed, lower case. Tags after a plus remain: some systems give `name+2@` to a second person, and a
  directory treats it as another address.
- `number`: trimmed, upper case, inner blanks removed; leading zeros remain. A second, weaker rule compares numbers
  without leading zeros (spreadsheets drop them), only where each source has a single person of that number.
- `serial`: upper case without spaces, hyphens, dots, slashes, underscores, colons, quotes, # and *, and without the
  prefix of labels: `S/N`, and in Lenovo's barcodes `1S` with the ten characters of the machine type. Also asset tags.
- `hardware`: upper case without spaces, hyphens, dots, slashes and underscores.
- `directory`: lower case, without braces.

Phases. *Strong* rules join first. A strong value on two records of one source makes one subject, a duplicate, unless
the records contradict each other (another form of the same kind of identifier, another given name, another
manufacturer); on CROWD or more it is worthless and joins nobody anywhere. *Weak* rules then join the results of the
strong ones: only where each source has one subject of that value in its lane (a family's shared address joins no
students), and never subjects whose guards differ (serials, master ids, directory ids).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from homeroom.engines.know.resolve.shared.hosts import HOST_LABEL_SQL
from homeroom.engines.know.resolve.shared.makers import maker_sql
from homeroom.engines.know.resolve.shared.serials import usable_serial_sql

CROWD = 3
MAX_REENROLLMENTS = 6
"""Maximum number of records of one source with one strong value that may be one device, enrolled repeatedly."""


class RulePhase(StrEnum):
    """The phase in which a rule joins, and how far it is trusted."""

    STRONG = "strong"
    WEAK = "weak"


@dataclass(frozen=True, kw_only=True)
class IdentityRule:
    """One identifier.

    `value` and `scope` are SQL over a record `r`; rules of one `space` share their values. `is_list` is true where
    `value` is a list. Two records share an identifier where space, scope and value are the same. `lane` divides one
    source's records for weak rules. `is_normalized` is true where staging has normalized `value` already.
    """

    kind: str
    name: str
    value: str
    form: str
    space: str
    scope: str = "''"
    lane: str = "''"
    is_list: bool = False
    is_normalized: bool = False
    phase: RulePhase = RulePhase.STRONG
    min_length: int = 1


@dataclass(frozen=True, kw_only=True)
class IdentityGuard:
    """Conditions that prevent a join.

    `single` is SQL over a record: weak rules never join subjects that differ in it.
    `contradiction` is SQL over two records `a` and `b` of one source that share a strong identifier.
    """

    kind: str
    single: str
    contradiction: str


def strip_characters_sql(characters: str, *, value: str) -> str:
    """Return SQL for a value in upper case without these characters.

    Few values contain any of them, and searching for them costs a third of removing them.
    """
    character_class = "".join(f"\\{character}" if character in "-./" else character for character in characters)
    return (
        f"CASE WHEN regexp_matches({value}, '[{character_class}]') THEN translate(upper({value}), '{characters}', "
        f"'') ELSE upper({value}) END"
    )


_BLANKS = " \t\r\n\u00a0"
NORMAL_FORMS: dict[str, str] = {
    "email": "nullif(lower(trim({0})), '')",
    "number": f"nullif({strip_characters_sql(_BLANKS, value='{0}')}, '')",
    "stripped": f"nullif(ltrim({strip_characters_sql(_BLANKS, value='{0}')}, '0'), '')",
    "serial": r"nullif(regexp_replace(translate(regexp_replace(upper({0}), "
    r"'^\s*(S/N|SN\b|SERIAL\s*(NO|NUMBER)?\b|SERVICE\s*TAG|SVC\s*TAG|ST\s*:)[\s.:#]*', ''), '-./_:#*''` "
    + "\t\r\n\u00a0', ''), '^1S[0-9A-Z]{{10}}([0-9A-Z]{{8}})$', '\\1'), '')",
    "hardware": f"nullif({strip_characters_sql('-./_' + _BLANKS, value='{0}')}, '')",
    "plain": "nullif(trim({0}), '')",
    "directory": "nullif(translate(lower(trim({0})), '{{}}', ''), '')",
}
_SHAPES = {
    "email": "regexp_full_match(v, '[^@\\s]+@[^@\\s]+\\.[^@\\s]+')",
    "serial": "NOT regexp_matches(v, '^[0-9]+E\\+[0-9]+$')",
}

_IS_LABELED_NUMBER_SQL = (
    "regexp_matches(lower(x), '^(sis|local|employee|emp|staff|student|pupil|id|number|district|badge)[a-z _]*:')"
)
_OTHER_NUMBERS = (
    f"list_transform(list_filter(r.other_ids, x -> {_IS_LABELED_NUMBER_SQL}), x -> regexp_extract(x, ':(.*)$', 1))"
)
_OTHER_REST = f"list_filter(r.other_ids, x -> NOT {_IS_LABELED_NUMBER_SQL})"
_PERSON_EMAIL = "coalesce(r.email, CASE WHEN r.username LIKE '%@%' THEN r.username END)"
# A couple is often reached under one address, that of the parent who works for the district.
_OWN_EMAIL = f"CASE WHEN r.namespace <> 'guardian' OR r.given_name IS NULL THEN {_PERSON_EMAIL} END"
_ADULT_EMAIL_AND_NAME = (
    f"CASE WHEN r.namespace IN ('staff', 'guardian') THEN lower({_PERSON_EMAIL}) || ' ' || strip_accents(r.given_name "
    "|| r.family_name) END"
)
PERSON_NUMBER_SQL = "coalesce(r.identifier, CASE WHEN r.connector = 'hr' THEN r.key END)"
_ACCOUNT_ID = "coalesce(r.directory_id, CASE WHEN r.key NOT LIKE '%@%' THEN r.key END)"
# An address that was given to a new account does not join that account to the deleted one.
_ACCOUNT_EMAIL = f"CASE WHEN r.gone AND {_ACCOUNT_ID} IS NOT NULL THEN NULL ELSE r.email END"
_TENANT = "r.connector || ' ' || r.instance"
_AGE = "CASE WHEN r.namespace = 'student' THEN 'student' ELSE 'adult' END"

RULES: tuple[IdentityRule, ...] = (
    IdentityRule(kind="person", name="master id", value="r.master_id", form="number", space="master", min_length=3),
    IdentityRule(
        kind="person",
        name="number",
        value=PERSON_NUMBER_SQL,
        form="number",
        space="number",
        scope="r.namespace",
        min_length=2,
    ),
    IdentityRule(
        kind="person",
        name="number",
        value=_OTHER_NUMBERS,
        form="number",
        space="number",
        scope="r.namespace",
        is_list=True,
        min_length=2,
    ),
    IdentityRule(
        kind="person",
        name="other id",
        value=_OTHER_REST,
        form="number",
        space="other",
        scope="r.namespace",
        is_list=True,
        min_length=3,
    ),
    # Numbers of staff and students may be equal by chance; with the same address they are one person.
    IdentityRule(
        kind="person",
        name="number and e-mail",
        value=f"{PERSON_NUMBER_SQL} || ' ' || {_PERSON_EMAIL}",
        form="number",
        space="both",
        min_length=5,
    ),
    # A list may have one adult several times: once a school, or as a teacher and as a parent.
    IdentityRule(
        kind="person",
        name="e-mail and name",
        value=_ADULT_EMAIL_AND_NAME,
        form="number",
        space="named",
        min_length=8,
    ),
    IdentityRule(
        kind="person",
        name="e-mail",
        value=_OWN_EMAIL,
        form="email",
        space="email",
        scope=_AGE,
        lane="r.namespace",
        phase=RulePhase.WEAK,
        min_length=5,
    ),
    IdentityRule(
        kind="person",
        name="number without zeros",
        value=PERSON_NUMBER_SQL,
        form="stripped",
        space="stripped",
        scope="r.namespace",
        phase=RulePhase.WEAK,
        min_length=3,
    ),
    IdentityRule(
        kind="account",
        name="directory id",
        value=_ACCOUNT_ID,
        form="directory",
        space="id",
        scope=_TENANT,
        min_length=3,
    ),
    IdentityRule(
        kind="account",
        name="primary address",
        value=_ACCOUNT_EMAIL,
        form="email",
        space="email",
        scope=_TENANT,
        lane="r.n",
        phase=RulePhase.WEAK,
        min_length=5,
    ),
    IdentityRule(
        kind="device",
        name="serial",
        value="r.plain_serial",
        form="serial",
        is_normalized=True,
        space="serial",
        min_length=5,
    ),
    IdentityRule(
        kind="device",
        name="hardware id",
        value="r.hardware_ids",
        form="hardware",
        space="hardware",
        is_list=True,
        min_length=8,
    ),
    IdentityRule(
        kind="device", name="directory id", value="r.directory_id", form="directory", space="directory", min_length=8
    ),
    # Within one console: a computer without a serial number that was installed again. It must be a history.
    IdentityRule(
        kind="device",
        name="network card",
        value=f"CASE WHEN len(r.own_macs) > 0 AND {usable_serial_sql('r.plain_serial')} IS NULL THEN r.own_macs END",
        form="plain",
        space="card",
        scope="CAST(r.source AS VARCHAR)",
        is_list=True,
        min_length=12,
    ),
    # A network card under one host name or tag is one device, also where an asset list has it twice.
    IdentityRule(
        kind="device",
        name="network card and name",
        value="list_transform(r.own_macs, x -> x || ' ' || r.card_host)",
        form="plain",
        space="named card",
        lane="r.n",
        is_list=True,
        phase=RulePhase.WEAK,
        min_length=14,
    ),
    IdentityRule(
        kind="device",
        name="network card and tag",
        value="list_transform(r.own_macs, x -> x || ' ' || r.plain_tag)",
        form="plain",
        space="tagged card",
        lane="r.n",
        is_list=True,
        phase=RulePhase.WEAK,
        min_length=14,
    ),
    IdentityRule(
        kind="device",
        name="asset tag",
        value="r.plain_tag",
        form="serial",
        is_normalized=True,
        space="tag",
        phase=RulePhase.WEAK,
        min_length=2,
    ),
)

GUARDS: dict[str, IdentityGuard] = {
    "person": IdentityGuard(
        kind="person",
        single=NORMAL_FORMS["number"].format("r.master_id"),
        contradiction="lower(a.email) <> lower(b.email) OR a.master_id <> b.master_id"
        " OR strip_accents(lower(a.given_name)) <> strip_accents(lower(b.given_name))",
    ),
    "account": IdentityGuard(
        kind="account",
        single=NORMAL_FORMS["directory"].format(_ACCOUNT_ID),
        contradiction="a.directory_id <> b.directory_id",
    ),
    "device": IdentityGuard(
        kind="device",
        single="r.plain_serial",
        contradiction=f"{usable_serial_sql('a.plain_serial')} <> {usable_serial_sql('b.plain_serial')}"
        f" OR {maker_sql('a.manufacturer')} <> {maker_sql('b.manufacturer')}"
        " OR NOT coalesce(list_has_any(a.own_macs, b.own_macs), false) AND (a.platform <> b.platform"
        # Two computers of one placeholder: other network cards and other names.
        f" OR (len(a.own_macs) > 0 AND len(b.own_macs) > 0 AND {HOST_LABEL_SQL.format('a.name')} <> "
        f"{HOST_LABEL_SQL.format('b.name')})"
        " OR (list_has_any(list_transform(a.hardware_ids, x -> split_part(x, ':', 1)),"
        " list_transform(b.hardware_ids, x -> split_part(x, ':', 1)))"
        " AND NOT list_has_any(a.hardware_ids, b.hardware_ids)))"
        # One card of two records without a serial number proves one device only where one record follows the other.
        " OR (c.space = 'card' AND (a.managed IS DISTINCT FROM false OR b.managed IS DISTINCT FROM false"
        f" OR {HOST_LABEL_SQL.format('a.name')} <> {HOST_LABEL_SQL.format('b.name')}))",
    ),
}


def shape_sql(form: str) -> str:
    """Return the SQL condition over `v` that a value of that form must satisfy."""
    return _SHAPES.get(form, "true")
