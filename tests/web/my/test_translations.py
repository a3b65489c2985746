"""The pages of people are complete in Spanish, and the compiled catalog is the one of the texts."""

from __future__ import annotations

import gettext
import re

from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as translate
from django.utils.translation import ngettext

from tools.translations import CATALOG, SOURCES, list_messages, read_catalog

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%")


def test_every_text_of_the_pages_has_spanish_with_the_same_parts():
    catalog = read_catalog(CATALOG)
    assert all(folder.is_dir() for folder in SOURCES)
    assert set(catalog) == list_messages(), "run python -m tools translations"
    for key, texts in catalog.items():
        assert len(texts) == len(key), key
        for text in texts:
            assert text, f"no Spanish for {key[0]!r}; add it to {CATALOG.name} and run python -m tools translations"
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(key[0])), key


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
        assert translate("Sign in") == "Entrar"
        assert ngettext("%(n)s minute", "%(n)s minutes", 2) == "%(n)s minutos"
    with translation.override("en-us"):
        assert translate("Sign in") == "Sign in"
