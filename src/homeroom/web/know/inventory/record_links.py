"""Links of a subject's page to its records in the consoles of vendors; a person's are those of the accounts."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.apps.know.console_links.queries import ConsoleLink, load_console_links
from homeroom.apps.know.inventory.subjects import InventorySubject, list_belongings
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.evidence.query.executor import QueryTimeout


def list_subject_links(
    district: District, subject: InventorySubject, schools: SchoolScope, *, masked: bool
) -> Sequence[ConsoleLink]:
    """Return the links of a page; with `masked`, none of a student, whose id in a console is masked as well."""
    if masked and subject.kind != "device" and subject.values.get("kind") != "staff":
        return ()
    kind, subjects = subject.kind, [subject.id]
    if subject.kind == "person":
        accounts = list_belongings(district=district, person=subject.id, schools=schools).get("account", ())
        kind, subjects = "account", [parse_public_id(row.public)[1] for row in accounts]
    try:
        links = load_console_links(district=district, derived=subject.derived, kind=kind, subjects=subjects)
    except QueryTimeout:
        return ()
    return tuple(dict.fromkeys(link for row in links.values() for link in row))
