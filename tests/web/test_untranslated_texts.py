"""Texts of pages go through gettext: what a template or a view of `web/` shows is collected for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tools.translations import PACKAGE, WEB

ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "data-label", "placeholder", "title"}
NOT_READ = {"script", "style", "code", "pre", "kbd"}
NOT_WORDS = {
    "English", "Español", "Language", "Idioma", "SHA", "PDF", "HTML", "CSV", "JSON", "CVSS", "macOS",
    "school", "room", "minutes", "devices", "Staff",
}  # fmt: skip
"""Names of languages in themselves, of formats and products, and samples of what a file or path holds."""
BILINGUAL = {
    "awareness/staff_codes.html": "a printed sheet says the same in both languages",
    "rollouts/link_gone.html": "a page for teachers without an account says the same in both languages",
    "sources/agents.html": "a file of flags for osquery",
}
TAG = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}", re.DOTALL
)
LITERAL_DEFAULT = re.compile(r"""\|(?:default|default_if_none|yesno):(?:"([^"]*)"|'([^']*)')""")
WORD = re.compile(r"[^\W\d_]{2,}")
GETTEXT = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "worded"}
SENTENCE = re.compile(r"[A-Z][a-z]+,? \w+.*")
PLAIN_IN_MODULES = {
    "manage/rollouts/teacher_links.py": "texts of a page without an account, with both languages beside each other",
    "teach/my/arrival_pages.py": "a line of the log",
    "shared/sign_in/team_arrivals.py": "a line of the log",
    "protect/fixes/labels.py": "the name of a product",
    "teach/awareness/class_lessons.py": "headings of a CSV file, which other programs read",
    "teach/awareness/drill_words.py": "names that the engine gives to sums of schools",
}


class TemplateTexts(HTMLParser):
    """Collects what is read aloud or shown of a template whose tags were removed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag in NOT_READ
        self.texts += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in NOT_READ

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.texts.append(data)


def find_literal_texts(template: str) -> list[str]:
    """Return the texts of a template that no tag translates."""
    parser = TemplateTexts()
    parser.feed(TAG.sub(" ", template))
    defaults = [text for pair in LITERAL_DEFAULT.findall(template) for text in pair if text[:1].isupper()]
    words = [(text.strip(), WORD.findall(text)) for text in (*parser.texts, *defaults)]
    return [text for text, letters in words if set(letters) - NOT_WORDS - {"Homeroom"}]


def find_literal_sentences(module: str) -> list[str]:
    """Return the strings of a module that look like a text for people and that no function of gettext gets."""
    tree = ast.parse(module)
    names = GETTEXT | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in GETTEXT
    }
    skipped = {id(inner) for node in iter_skipped(tree, names) for inner in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
        and SENTENCE.fullmatch(node.value)
    ]


def iter_skipped(tree: ast.Module, names: set[str]) -> Iterator[ast.AST]:
    """Yield calls of gettext, docstrings, and errors of programs."""
    for node in ast.walk(tree):
        is_gettext = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        is_text_alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_gettext or is_text_alone or isinstance(node, ast.Raise):
            yield node


def list_templates() -> list[Path]:
    reports = PACKAGE / "apps" / "comply" / "reports" / "templates"
    return sorted([*WEB.rglob("*.html"), *reports.rglob("*.html")])


def test_no_template_has_a_text_of_its_own() -> None:
    literal = {
        path.name: texts
        for path in list_templates()
        if path.relative_to(path.parents[1]).as_posix() not in BILINGUAL
        and (texts := find_literal_texts(path.read_text(encoding="utf-8")))
    }
    assert literal == {}


def test_no_view_has_a_text_of_its_own() -> None:
    literal = {
        name: texts
        for path in sorted(WEB.rglob("*.py"))
        if (name := path.relative_to(WEB).as_posix()) not in PLAIN_IN_MODULES
        and (texts := find_literal_sentences(path.read_text(encoding="utf-8")))
    }
    assert literal == {}


@pytest.mark.parametrize(
    "template",
    [
        "<p>Nothing to do</p>",
        '<input placeholder="Serial number">',
        '<button aria-label="Close">{% translate "Close" %}</button>',
        "{% if one %}{{ one }} devices left{% endif %}",
        '{{ name|default:"Nobody" }}',
    ],
)
def test_a_text_in_a_template_is_found(template: str) -> None:
    assert find_literal_texts(template)


@pytest.mark.parametrize(
    "template",
    [
        '<p>{% translate "Nothing to do" %}</p>',
        "{% blocktranslate count n=n %}One row{% plural %}{{ n }} rows{% endblocktranslate %}",
        "<code>homeroom doctor</code> SHA-256 {{ value }} · 12",
        "<script>const text = 1;</script>",
    ],
)
def test_a_translated_text_is_none_of_the_templates_own(template: str) -> None:
    assert find_literal_texts(template) == []


def test_a_sentence_in_a_view_is_found_unless_it_is_translated() -> None:
    module = '''"""Views of something."""
from django.utils.translation import gettext as _
TITLE = "Devices without owner"
LABEL = _("Devices with owner")
raise ValueError("Program error here")
'''
    assert find_literal_sentences(module) == ["Devices without owner"]
