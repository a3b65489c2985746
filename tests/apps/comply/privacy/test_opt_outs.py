"""Opt-outs are loaded from files row by row; what does not fit is rejected and never repeats a value."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.apps.comply.erasing.field_classes import FIELD_CLASSES
from homeroom.apps.comply.privacy.models import OptOut
from homeroom.apps.comply.privacy.opt_outs.commands import end_opt_out
from homeroom.apps.comply.privacy.opt_outs.files import OptOutLoad, load_opt_outs, parse_kinds
from homeroom.apps.comply.privacy.opt_outs.queries import count_opt_outs, list_opt_outs, list_opted_out
from homeroom.apps.comply.privacy.row_files import RowFileRefused
from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.comply.privacy.requests import OptOutKind
from tests.apps.comply.privacy.conftest import ANA, BEN, TODAY, FamilyDistrict

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("partial constraint of homeroom.apps.comply.privacy."),
]


def load(family: FamilyDistrict, text: str, *, name: str = "opt-outs.csv", encoding: str = "utf-8") -> OptOutLoad:
    return load_opt_outs(name=name, content=text.encode(encoding), today=TODAY, **family.common)


def test_a_file_adds_opt_outs_and_rejects_what_does_not_fit_by_line_and_field(family: FamilyDistrict) -> None:
    outcome = load(
        family,
        "Student Number,Opt out,Date\n"
        "90417,Directory Information,1/5/2026\n"
        "ben.ode@maple.test,all,\n"
        "12345,media,\n"
        "55510,media,\n"
        "90418,nonsense,\n"
        "90418,media,2027-01-01\n"
        ",media,\n",
    )
    assert (outcome.added, outcome.students, outcome.rows) == (3, 2, 7)
    assert [(reject.line, reject.field) for reject in outcome.rejects] == [
        (4, "student"),
        (5, "student"),
        (6, "kind"),
        (7, "since"),
        (8, "student"),
    ]
    assert [word for word in ("12345", "55510", "90418") if any(word in r.reason for r in outcome.rejects)] == []
    assert list_opted_out(district=family.cast.district).students == {
        "directory": {family.get_id(ANA), family.get_id(BEN)},
        "media": {family.get_id(BEN)},
    }
    assert OptOut.objects.of(family.cast.district).get(student=family.get_id(ANA)).since == date(2026, 1, 5)


def test_the_same_file_twice_adds_nothing_and_writes_no_entry(family: FamilyDistrict) -> None:
    text = "student;kind\n90417;media\n90417;media\n"
    assert load(family, text).added == 1
    assert load(family, text).added == 0
    assert Entry.objects.of(family.cast.district).count() == 1


def test_a_file_of_excel_in_utf16_with_tabs_is_read(family: FamilyDistrict) -> None:
    assert load(family, "student\tkind\r\n90417\tmedia\r\n", encoding="utf-16").added == 1


@pytest.mark.parametrize("text", ["name,kind\nAna,media\n", "", "student\x00", "PK\x03\x04"])
def test_a_file_without_the_columns_is_refused_with_what_would_fit(family: FamilyDistrict, text: str) -> None:
    with pytest.raises(RowFileRefused):
        load(family, text)
    assert count_opt_outs(district=family.cast.district) == {"directory": 0, "media": 0}


def test_an_opt_out_that_ended_counts_no_more_and_may_come_again(family: FamilyDistrict) -> None:
    load(family, "student,kind\n90417,media\n")
    lines, _more = list_opt_outs(district=family.cast.district)
    with pytest.raises(LookupError):
        end_opt_out(district=family.cast.next_district, number=lines[0].number, today=TODAY, actor="s", at=TODAY)  # type: ignore[arg-type]
    end_opt_out(number=lines[0].number, today=TODAY, **family.common)
    assert list_opted_out(district=family.cast.district).students == {}
    assert load(family, "student,kind\n90417,media\n").added == 1


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", {"directory", "media"}),
        ("Yes", {"directory", "media"}),
        ("photo", {"media"}),
        ("directory; media", {"directory", "media"}),
        ("photo and media", {"media"}),
        ("directory; phone", set()),
        ("no", set()),
    ],
)
def test_a_cell_names_kinds_or_is_not_understood(text: str, kinds: set[str]) -> None:
    assert parse_kinds(text) == {OptOutKind(kind) for kind in kinds}


def test_an_erasure_reaches_opt_outs_and_disclosures_by_the_number_of_the_student(family: FamilyDistrict) -> None:
    load(family, "student,kind\n90417,all\n90418,all\n")
    classes = FIELD_CLASSES["privacy.OptOut"]
    erased = OptOut.objects.of(family.cast.district).filter(**{f"{classes.subjects[0]}__in": [ANA]})
    assert {row.student for row in erased} == {family.get_id(ANA)}
    assert FIELD_CLASSES["privacy.Disclosure"].subjects == classes.subjects
