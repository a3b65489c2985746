"""The pages of people are complete in Spanish, and the compiled catalog is the one of the texts."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as translate
from django.utils.translation import ngettext

from tools.translations import (
    CATALOG,
    ROOT,
    SOURCES,
    iter_module_messages,
    list_messages,
    list_sources,
    read_catalog,
)

SAME_IN_SPANISH = {
    "%(what)s: %(seats)s", "Auditor", "CSV: %(table)s", "Chromebooks", "Control", "Homeroom", "Microsoft Entra",
    "Microsoft Intune", "PDQ", "Plan", "ScubaGoggles", "no",
}  # fmt: skip
"""Names, and words that Spanish writes as English does. Every other text has to differ."""
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%")


def test_every_text_of_the_pages_has_spanish_with_the_same_parts():
    catalog = read_catalog(CATALOG)
    assert all(source.exists() for source in SOURCES)
    assert set(catalog) == list_messages(), "run python -m tools translations"
    for key, texts in catalog.items():
        assert len(texts) == len(key), key
        for original, text in zip(key, texts, strict=True):
            assert text, f"no Spanish for {key[0]!r}; add it to {CATALOG.name} and run python -m tools translations"
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(original)), key


def test_no_text_was_left_in_english() -> None:
    pairs = [pair for key, texts in read_catalog(CATALOG).items() for pair in zip(key, texts, strict=True)]
    assert {original for original, text in pairs if original == text} == SAME_IN_SPANISH


@pytest.mark.parametrize(
    "text",
    [
        "Wrong username or password.",
        "The browser returned no passkey. Try again, or use another way.",
        "Page not found",
        "You are offline",
        "Board Report",
        "{n} staff accounts have no MFA",
        "Without an SPF record, anyone can send mail to parents in the district's name.",
        "Grades and scores",
    ],
)
def test_texts_of_sign_in_errors_reports_and_content_are_collected(text: str) -> None:
    assert (text,) in list_messages()


def test_functions_under_another_name_are_collected(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("from django.utils.translation import gettext as _\n_('Hello')\ndef f(x): return _(x)\n")
    assert list(iter_module_messages(module)) == [("Hello",)]


def test_all_that_staff_read_is_collected():
    modules = {path.stem for path in list_sources("*.py")}
    assert {"asks", "courses", "policies", "class_lessons", "drills", "sign_in", "arrival_pages", "home"} <= modules
    templates = {path.name for path in list_sources("*.html")}
    assert {"_asks.html", "_drills.html", "policy.html", "board.html", "sign_in.html", "refused.html"} <= templates
    assert {"_ask_slip.html", "_package_part.html", "_questions.html"} <= templates
    slips = ROOT / "src/homeroom/web/teach/templates/awareness/ask_slips.html"
    assert re.findall(r"{% language .*?endlanguage %}", slips.read_text(encoding="utf-8"), re.DOTALL) == [
        '{% language choice.language %}{% for person in people %}{% include "awareness/_ask_slip.html" %}{% endfor %}'
        "{% endlanguage %}"
    ], "a text inside it would be in English"


@pytest.mark.parametrize("text", ["Right:", "I read this", "You clicked. That happens to everybody."])
def test_texts_in_arguments_of_tags_are_collected(text: str):
    assert (text,) in list_messages()


def test_the_compiled_catalog_has_exactly_these_texts():
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for key, texts in read_catalog(CATALOG).items():
        if len(key) == 1:
            assert compiled.gettext(key[0]) == texts[0]
        else:
            assert tuple(compiled.ngettext(*key, n) for n in (1, 2)) == texts


def test_a_page_is_in_spanish_where_the_person_chose_it(teacher: Client):
    teacher.post("/language", {"language": "es"})
    page = teacher.get("/my").content.decode()
    assert "Hola, Ines Calloway" in page
    assert "Sign out" not in page
    with translation.override("es"):
        assert translate("Sign in") == "Iniciar sesión"
        assert ngettext("%(n)s minute", "%(n)s minutes", 2) == "%(n)s minutos"
    with translation.override("en-us"):
        assert translate("Sign in") == "Sign in"
