"""The log of disclosures takes files, names what is wrong with a row, and loses no entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from homeroom.apps.comply.privacy.disclosures.commands import (
    DisclosureForm,
    DisclosureRefused,
    add_disclosure,
    load_disclosures,
    withdraw_disclosure,
)
from homeroom.apps.comply.privacy.disclosures.queries import iter_disclosure_cells, list_disclosures
from tests.apps.comply.privacy.conftest import ANA, TODAY, FamilyDistrict

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("order of entries of homeroom.apps.comply.privacy."),
]
FORM = DisclosureForm(
    student="90417",
    disclosed_on="2026-01-09",
    recipient="Next Door Schools",
    purpose="The student enrolls there",
    basis="other-school",
    what="transcript; attendance",
)
HEADER = "student,disclosed_on,recipient,purpose,basis,what\n"


def test_an_entry_is_listed_for_its_student_and_district_alone(family: FamilyDistrict) -> None:
    add_disclosure(form=FORM, today=TODAY, **family.common)
    lines, _more = list_disclosures(district=family.cast.district, student=family.get_id(ANA))
    assert [(line.name, line.elements, line.basis.citation) for line in lines] == [
        ("Ana Rivera", ("transcript", "attendance"), "34 CFR 99.31(a)(2)")
    ]
    assert list_disclosures(district=family.cast.next_district) == ((), False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("student", "nobody"),
        ("student", "dana@maple.test"),
        ("disclosed_on", "2026-02-01"),
        ("recipient", " "),
        ("purpose", "x" * 401),
        ("basis", "because"),
        ("what", " ; "),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_by_field(family: FamilyDistrict, field: str, value: str) -> None:
    with pytest.raises(DisclosureRefused) as refusal:
        add_disclosure(form=replace(FORM, **{field: value}), today=TODAY, **family.common)
    assert refusal.value.field == field


def test_a_file_is_loaded_row_by_row_and_twice_adds_nothing(family: FamilyDistrict) -> None:
    content = (
        HEADER
        + "90417,1/9/2026,Clinic,Broken arm,emergency,emergency card\n"
        + "90418,2026-01-08,State,Audit,audit,enrollment; grades\n"
        + "99999,2026-01-08,State,Audit,audit,enrollment\n"
        + "90418,2026-01-08,State,Audit,whim,enrollment\n"
        + "90418,2026-01-08,State,Audit,audit\n"
    ).encode()
    first = load_disclosures(name="log.csv", content=content, today=TODAY, **family.common)
    assert (first.added, first.repeated, first.rows) == (2, 0, 5)
    assert [(reject.line, reject.field) for reject in first.rejects] == [(4, "student"), (5, "basis"), (6, "what")]
    again = load_disclosures(name="log.csv", content=content, today=TODAY, **family.common)
    assert (again.added, again.repeated) == (0, 2)


def test_a_wrong_entry_stays_with_its_reason_and_the_file_out_says_so(family: FamilyDistrict) -> None:
    add_disclosure(form=replace(FORM, recipient="=cmd()"), today=TODAY, **family.common)
    number = list_disclosures(district=family.cast.district)[0][0].number
    with pytest.raises(DisclosureRefused):
        withdraw_disclosure(number=number, reason="no", **family.common)
    withdraw_disclosure(number=number, reason="It was another student.", **family.common)
    header, row = iter_disclosure_cells(district=family.cast.district)
    cells = dict(zip(header, row, strict=True))
    assert (cells["recipient"], cells["withdrawn"]) == ("'=cmd()", "It was another student.")
    masked = list(iter_disclosure_cells(district=family.cast.district, hide_students=True))[1]
    assert masked[:2] == ["masked", "masked"]
