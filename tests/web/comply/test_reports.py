"""Reports in the browser: all of the district may read them, student names only for roles that need them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.comply.reports.queries import list_report_kinds
from homeroom.apps.platform.audit.queries import AuditFilter, list_audit_entries
from homeroom.evidence.query.executor import QueryTimeout
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
NAMES = tuple(list_report_kinds())


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_a_page_and_leaves_in_every_form(as_: ClientFactory, judged_district: Cast, name: str) -> None:
    client = as_("technician")
    page = client.get(f"/reports/{name}")
    assert page.status_code == 200
    assert str(list_report_kinds()[name].title) in page.content.decode()
    types = {"html": "text/html", "pdf": "application/pdf", "csv": "text/csv", "figures": "text/csv"}
    for form, kind in types.items():
        file = client.get(f"/reports/{name}.{form}")
        assert file["Content-Type"].startswith(kind)
        assert file["Content-Disposition"].startswith("attachment; filename=")
        assert file.content


@pytest.mark.parametrize("name", NAMES)
def test_every_table_of_a_page_is_offered_as_a_csv_of_its_own(
    as_: ClientFactory, judged_district: Cast, name: str
) -> None:
    client = as_("technician")
    page = client.get(f"/reports/{name}").content.decode()
    tables = re.findall(r'<h2 id="s-([\w-]+)"', page)
    offered = re.findall(rf'href="/reports/{name}\.([\w-]+)" download', page)
    assert offered == ["html", "pdf", "csv", *tables[1:], "figures"]
    names = {client.get(f"/reports/{name}.{form}")["Content-Disposition"] for form in offered}
    assert len(names) == len(offered)


def test_a_file_for_which_evidence_has_no_time_says_so(
    as_: ClientFactory, judged_district: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_timeout(**_: object) -> tuple[str, bytes]:
        raise QueryTimeout("busy")

    monkeypatch.setattr("homeroom.web.comply.reports.pages.export_report", raise_timeout)
    answer = as_("technician").get("/reports/former-staff.csv")
    assert answer.status_code == 503
    assert "Former Staff" in answer.content.decode()


def test_the_list_leads_to_each_report(as_: ClientFactory, judged_district: Cast) -> None:
    page = as_("auditor").get("/reports").content.decode()
    for name in NAMES:
        assert f'href="/reports/{name}"' in page


def test_a_figure_leads_to_its_control(as_: ClientFactory, judged_district: Cast) -> None:
    page = as_("auditor").get("/reports/second-factor").content.decode()
    assert '<a href="/posture/staff-second-factor">17 of 814 · 214 unknown</a>' in page


def test_an_auditor_sees_no_name_of_who_may_be_a_student(as_: ClientFactory, judged_district: Cast) -> None:
    full = as_("technician").get("/reports/unknown-people").content.decode()
    masked = as_("auditor").get("/reports/unknown-people").content.decode()
    assert "Castellan" in full
    assert "Castellan" not in masked
    assert "masked" in masked
    assert list_audit_entries(district=judged_district.district, shown=AuditFilter(action="open report")).lines[
        0
    ].detail == {"students": 3}


def test_before_the_first_judgment_the_page_says_what_to_do(as_: ClientFactory, empty_folder: None) -> None:
    page = as_("director").get("/reports").content.decode()
    assert 'href="/sources"' in page
    assert as_("director").get("/reports/board").status_code == 404


def test_a_report_that_is_none_and_a_form_that_is_none_are_not_found(as_: ClientFactory, judged_district: Cast) -> None:
    assert as_("director").get("/reports/no-such").status_code == 404
    assert as_("director").get("/reports/board.xlsx").status_code == 404


@pytest.mark.parametrize("address", ["/reports/board", "/reports/former-staff.csv", "/d/maple-valley/reports/board"])
def test_the_stranger_from_the_next_district_sees_nothing(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    assert as_("stranger").get(address).status_code == 404


def test_nobody_reads_without_signing_in(judged_district: Cast) -> None:
    assert Client().get("/reports/board").headers["Location"].startswith("/sign-in")


def test_a_report_for_families_is_made_in_spanish_where_its_reader_asks_for_it(
    as_: ClientFactory, judged_district: Cast
) -> None:
    client = as_("director")
    listed = client.get("/reports").content.decode()
    assert 'href="/reports/board?language=es"' in listed
    assert "in English" in listed
    assert 'href="/reports/former-staff?language=es"' not in listed
    page = client.get("/reports/board?language=es").content.decode()
    assert '<html lang="es">' in page[:60]
    assert "Informe para la junta escolar" in page
    assert 'href="/reports/board.pdf?language=es"' in page
    file = client.get("/reports/board.html?language=es")
    assert "-board-es.html" in file["Content-Disposition"]
    assert '<html lang="es">' in file.content.decode()[:60]
    assert client.get("/reports/former-staff?language=es").status_code == 404
    assert client.get("/reports/former-staff.pdf?language=es").status_code == 404
    assert client.get("/reports/board?language=tlh").status_code == 404
