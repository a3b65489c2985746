"""The first-hour sheet has whom to call and what to do, and shows when it was made."""

from __future__ import annotations

from homeroom.apps.protect.incidents.contacts import find_last_print, set_contact
from homeroom.apps.protect.incidents.first_hour_sheet import build_sheet, print_sheet
from tests.apps.protect.incidents.conftest import NOON


def test_the_sheet_has_the_contact_tree_and_each_first_hour(cast):
    values = {"name": "Harbor Mutual", "phone": "1-555-010-0199", "email": "", "reference": "Policy 7"}
    set_contact(district=cast.district, kind="insurer", **values, actor="director", at=NOON)
    sheet = build_sheet(district=cast.district, at=NOON)
    contacts, *playbooks = sheet.sections
    assert contacts.rows[0][1:] == ("Harbor Mutual", "1-555-010-0199", "", "Policy 7")
    assert contacts.rows[1][2] == "not filled in"
    assert not [row for row in contacts.rows if "MS-ISAC" in row[0]]
    assert len(playbooks) == 6
    assert all(len([row for row in section.rows if row[0]]) <= 10 for section in playbooks)
    assert "1-555-010-0199" not in str(build_sheet(district=cast.next_district, at=NOON).sections[0].rows)


def test_printing_gives_a_pdf_and_is_recorded(cast):
    content = print_sheet(district=cast.district, actor="director", at=NOON)
    assert content.startswith(b"%PDF")
    assert find_last_print(district=cast.district) == NOON
    assert find_last_print(district=cast.next_district) is None
