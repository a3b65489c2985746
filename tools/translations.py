"""Texts in Spanish for others than technicians: collect them, and compile what `locale/es` has, without gettext.

`python -m tools translations` adds new texts to the catalog, empty, removes those that are gone, and compiles it;
`--check` changes nothing and fails if the catalog is not complete. Only the pages named in SOURCES are translated.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "homeroom"
WEB = PACKAGE / "web"
TEMPLATES = WEB / "templates"
REPORTS = PACKAGE / "apps" / "comply" / "reports"
_REPORT_MODULES = (
    "answers", "board_summary", "csv_export", "drill_figures", "html", "patching", "pdf", "posting", "report",
    "report_data", "student_records", "tool_findings", "tool_page", "training", "vendor_breaches",
)  # fmt: skip
SOURCES = (
    # What staff read.
    WEB / "teach" / "my",
    WEB / "platform" / "people_sign_in",
    WEB / "teach" / "templates" / "my",
    WEB / "teach" / "templates" / "courses",
    WEB / "teach" / "templates" / "awareness" / "_ask_slip.html",
    # Sign-in and the visitor's own account.
    WEB / "platform" / "account",
    WEB / "manage" / "own_calendar.py",
    WEB / "platform" / "templates" / "account",
    WEB / "platform" / "users" / "ended_access.py",
    PACKAGE / "apps" / "platform" / "districts" / "guessable_passphrases.py",
    # The frame of pages, with the navigation.
    TEMPLATES / "base.html",
    TEMPLATES / "parts" / "_wordmark.html",
    TEMPLATES / "parts" / "_nav.html",
    TEMPLATES / "parts" / "_find.html",
    TEMPLATES / "parts" / "_bell.html",
    TEMPLATES / "parts" / "_bell_count.html",
    TEMPLATES / "parts" / "_menu.html",
    *sorted(WEB.glob("**/__init__.py")),
    WEB / "manage" / "today.py",
    PACKAGE / "apps" / "platform" / "districts" / "queries.py",
    # Reports for boards and families.
    *(REPORTS / f"{name}.py" for name in _REPORT_MODULES),
    *(REPORTS / "kinds" / f"{name}.py" for name in ("board", "posting_co", "posting_il", "posting_ny")),
    REPORTS / "templates",
    WEB / "comply" / "reports" / "pages.py",
    *(WEB / "comply" / "templates" / "reports" / f"{name}.html" for name in ("report", "reports", "slow")),
    PACKAGE / "apps" / "protect" / "posture" / "catalog" / "labels.py",
    # The first run.
    WEB / "manage" / "setup",
    WEB / "manage" / "templates" / "setup",
    WEB / "know" / "templates" / "sources" / "_loaded.html",
    WEB / "know" / "templates" / "sources" / "_problem.html",
    WEB / "know" / "sources" / "upload.py",
    PACKAGE / "apps" / "manage" / "setup",
    WEB / "templatetags" / "tables.py",
    WEB / "templatetags" / "fact_words.py",
    WEB / "comply" / "templates" / "privacy" / "_fact_fields.html",
    # Error pages.
    *sorted(TEMPLATES.glob("[45]*.html")),
    WEB / "shared" / "errors.py",
    WEB / "shared" / "access.py",
)
"""Files, and folders with all that is in them, whose texts are in both languages: what is not for technicians alone."""
CATALOG = PACKAGE / "locale" / "es" / "LC_MESSAGES" / "django.po"
HEADER = (
    "Project-Id-Version: Homeroom\\nLanguage: es\\nMIME-Version: 1.0\\nContent-Type: text/plain; charset=UTF-8\\n"
    "Content-Transfer-Encoding: 8bit\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"
)
_FUNCTIONS = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(({_STRING}(?:\s*,\s*{_STRING})*)", re.DOTALL)
_LITERAL = re.compile(_STRING, re.DOTALL)
_FIELD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)? ?(".*")')
Catalog = dict[tuple[str, ...], tuple[str, ...]]
"""Translations by text: (text,) or (singular, plural); a context is before the text, with \\x04 between."""


def run_translations(arguments: Sequence[str]) -> int:
    """Update and compile the catalog, or check it with `--check`; return the exit code."""
    wanted, catalog = list_messages(), read_catalog(CATALOG)
    updated = {key: catalog.get(key, ("",) * len(key)) for key in sorted(wanted)}
    missing = [key[0] for key, texts in updated.items() if not all(texts)]
    for text in missing:
        print(f"{CATALOG.relative_to(ROOT)}: no Spanish for {text!r}")
    if "--check" in arguments:
        is_current = updated == catalog and CATALOG.with_suffix(".mo").read_bytes() == compile_catalog(catalog)
        if not is_current:
            print("the catalog is not current; run python -m tools translations")
        return 0 if is_current and not missing else 1
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    CATALOG.write_text(write_catalog(updated), encoding="utf-8")
    CATALOG.with_suffix(".mo").write_bytes(compile_catalog(updated))
    return 1 if missing else 0


def list_messages() -> set[tuple[str, ...]]:
    """Return every text that a page of SOURCES may show, and those of content that reports in Spanish print."""
    modules, templates = list_sources("*.py"), list_sources("*.html")
    return {
        *((text,) for text in iter_content_texts()),
        *(key for path in modules for key in iter_module_messages(path)),
        *(key for path in templates for key in _iter_template_messages(path)),
    }


def iter_content_texts() -> Iterator[str]:
    """Yield the texts of shipped content, and of the domain, that reports for boards and families print."""
    from homeroom.domain.comply.privacy.disclosures import BASES
    from homeroom.domain.manage.tools.capabilities import Audience
    from homeroom.engines.manage.tools.gaps import STATED_NEED
    from homeroom.evidence.tables import SOURCE_TABLES
    from homeroom.library.yaml_loader import BUILTIN_CONTENT, parse_strict_yaml

    for path in sorted((BUILTIN_CONTENT / "controls").rglob("*.yaml")):
        control = parse_strict_yaml(path.read_text(encoding="utf-8"))
        yield from (control["title"], control["because"], *control.get("problem", {}).values())
        yield from control.get("behind", {}).get("problem", control.get("behind", {})).values()
    for path in sorted((BUILTIN_CONTENT / "elements").glob("*.yaml")):
        yield parse_strict_yaml(path.read_text(encoding="utf-8"))["title"]
    for path in sorted((BUILTIN_CONTENT / "capabilities").glob("*.yaml")):
        for capability in parse_strict_yaml(path.read_text(encoding="utf-8"))["capabilities"]:
            yield from filter(None, (capability["title"], capability.get("needed")))
    for path in sorted((BUILTIN_CONTENT / "questionnaires").glob("*.yaml")):
        questionnaire = parse_strict_yaml(path.read_text(encoding="utf-8"))
        boards = [question for question in questionnaire["questions"] if question.get("board")]
        yield from (question["board"] for question in boards)
        yield from (questionnaire["exports"][name] for question in boards for name in question["controls"])
    facts = parse_strict_yaml((BUILTIN_CONTENT / "laws" / "facts.yaml").read_text(encoding="utf-8"))["facts"]
    for fact in facts.values():
        yield from (fact["asks"], *fact.get("choices", (fact["fits"],)))
    yield from (basis.title for basis in BASES.values())
    yield from (STATED_NEED, *map(str, Audience))
    yield from (table.meaning for table in SOURCE_TABLES if not table.events)


def list_sources(pattern: str) -> list[Path]:
    """Return the files of SOURCES whose names match a pattern."""
    return [
        path
        for source in SOURCES
        for path in ([source] if source.is_file() else sorted(source.rglob("*")))
        if path.match(pattern)
    ]


def iter_module_messages(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the texts that a module passes to gettext's functions, also under other names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {name: name for name in _FUNCTIONS} | {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in _FUNCTIONS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            texts = [item.value for item in node.args if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            if texts:
                yield _build_key(functions[node.func.id].removesuffix("_lazy"), texts)


def _iter_template_messages(path: Path) -> Iterator[tuple[str, ...]]:
    from django.utils.translation.template import templatize

    for name, arguments in _CALL.findall(templatize(path.read_text(encoding="utf-8"))):
        yield _build_key(name, [ast.literal_eval(text) for text in _LITERAL.findall(arguments)])


def _build_key(function: str, texts: Sequence[str]) -> tuple[str, ...]:
    if "pgettext" in function:
        context, *texts = texts
        texts = [f"{context}\x04{texts[0]}", *texts[1:]]
    return tuple(texts[: 2 if function.startswith("n") else 1])


def read_catalog(path: Path) -> Catalog:
    """Return the entries of a catalog, without its header."""
    entries: Catalog = {}
    for block in (path.read_text(encoding="utf-8") if path.exists() else "").split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            match = None if line.startswith("#") else _FIELD.fullmatch(line)
            if match:
                name = match[1] or name
                fields[name] = fields.get(name, "") + ast.literal_eval(match[2])
        if fields.get("msgid"):
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            plural = [fields["msgid_plural"]] if "msgid_plural" in fields else []
            texts = [text for field, text in fields.items() if field.startswith("msgstr")]
            entries[context + fields["msgid"], *plural] = tuple(texts)
    return entries


def write_catalog(catalog: Mapping[tuple[str, ...], tuple[str, ...]]) -> str:
    """Return a catalog's text, each text on a line of its own."""
    blocks = [f'msgid ""\nmsgstr "{HEADER}"']
    for key, texts in catalog.items():
        context, mark, text = key[0].rpartition("\x04")
        lines = [f"msgctxt {_quote(context)}"] if mark else []
        lines.append(f"msgid {_quote(text)}")
        if len(key) == 2:
            lines.append(f"msgid_plural {_quote(key[1])}")
            lines += [f"msgstr[{number}] {_quote(item)}" for number, item in enumerate(texts)]
        else:
            lines.append(f"msgstr {_quote(texts[0])}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compile_catalog(catalog: Mapping[tuple[str, ...], tuple[str, ...]]) -> bytes:
    """Return the catalog in the form that programs read (GNU gettext manual, "The Format of GNU MO Files")."""
    pairs = {"\x00".join(key): "\x00".join(texts) for key, texts in catalog.items() if all(texts)}
    pairs[""] = HEADER.replace("\\n", "\n")
    encoded = sorted((key.encode(), text.encode()) for key, text in pairs.items())
    count, start = len(encoded), 28
    offset = start + 16 * count
    tables: list[bytes] = []
    data = b""
    for column in (0, 1):
        for pair in encoded:
            tables.append(struct.pack("<II", len(pair[column]), offset + len(data)))
            data += pair[column] + b"\x00"
    return struct.pack("<7I", 0x950412DE, 0, count, start, start + 8 * count, 0, 0) + b"".join(tables) + data
