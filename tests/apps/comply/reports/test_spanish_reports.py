"""Reports for boards and families in Spanish: no text of the catalog is left in English, and the files say so."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.reports.commands import export_report, write_report
from homeroom.apps.comply.reports.html import render_html
from homeroom.apps.comply.reports.queries import NoSuchLanguage, build_report, list_report_kinds
from homeroom.apps.comply.reports.report import SPANISH
from homeroom.apps.platform.audit.queries import list_audit_entries
from tests.assessed_district import ASSESSED_AT, TODAY, change_members, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast
from tools.translations import CATALOG, read_catalog

IN_SPANISH = tuple(name for name, kind in list_report_kinds().items() if SPANISH in kind.languages)


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    cast = create_cast()
    publish_assessments(cast.district, publish_evidence(tmp_path / "evidence", district=cast.district.slug))
    change_members(cast.district)
    return cast


def list_texts(page: str) -> list[str]:
    """Return the texts of a page."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return [html.unescape(text).strip() for text in re.split(r"<[^>]+>", body) if text.strip()]


def list_english_texts() -> set[str]:
    """Return the English texts that Spanish has other words for, without those that hold a value."""
    catalog = read_catalog(CATALOG)
    pairs = ((key[0], texts[0]) for key, texts in catalog.items())
    return {key for key, text in pairs if key != text and not re.search(r"[%{]", key)}


def test_reports_for_boards_and_families_are_in_spanish() -> None:
    assert set(IN_SPANISH) == {"board", "posting-co", "posting-il", "posting-ny"}


@pytest.mark.parametrize("name", IN_SPANISH)
def test_no_text_of_a_spanish_report_is_in_english(cast: Cast, name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_report(district=cast.district, name=name, out=out, today=TODAY, at=ASSESSED_AT, language=SPANISH)
    page = (out / f"{name}-es.html").read_text(encoding="utf-8")
    texts = list_texts(page)
    assert len(texts) > 5
    assert [text for text in texts if text in list_english_texts()] == []
    assert '<html lang="es">' in page
    assert any("Español" in text for text in texts)
    assert b"/Lang(es)" in (out / f"{name}-es.pdf").read_bytes()
    titles = (out / f"{name}-es-figures.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert titles == "Cifra,Número,De,Sin datos,Control,Día,Datos al,Fuentes"


def test_the_boards_sentences_problems_and_days_are_in_spanish(cast: Cast) -> None:
    report = build_report(district=cast.district, name="board", today=TODAY, language=SPANISH)
    score, fixed, needs = report.sentences
    assert score.startswith("Puntaje: se cumple el 9")
    assert "el 14 de ene de 2026 era 9" in score
    assert fixed == "En los últimos 3 meses se corrigieron 4 problemas en cuentas, dispositivos y configuraciones."
    assert needs.startswith("Se necesita")
    english = build_report(district=cast.district, name="board", today=TODAY)
    first, first_english = (next(iter(entry.sections[0].rows)) for entry in (report, english))
    assert first[0] != first_english[0]
    assert first[2] != first_english[2]
    assert "15 de ene de 2026" in render_html(report).decode() or "ene de 2026" in str(report.sentences)


def test_the_trail_has_the_language_and_the_name_of_the_file_too(cast: Cast) -> None:
    common: dict[str, Any] = {"district": cast.district, "today": TODAY, "at": ASSESSED_AT, "actor": "director"}
    name, _ = export_report(name="board", form="csv", hide_students=False, language=SPANISH, **common)
    assert name == "board-es.csv"
    entry = list_audit_entries(district=cast.district).lines[0]
    assert entry.detail["language"] == SPANISH


@pytest.mark.parametrize(("name", "language"), [("former-staff", "es"), ("board", "fr")])
def test_a_report_is_made_in_its_own_languages_alone(cast: Cast, name: str, language: str) -> None:
    with pytest.raises(NoSuchLanguage, match="is made in: en"):
        build_report(district=cast.district, name=name, today=TODAY, language=language)
