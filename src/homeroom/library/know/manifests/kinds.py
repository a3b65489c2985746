"""The kinds of file in a connector's manifest, checked by the form that each of them has, and built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from homeroom.evidence.tables import SOURCE_TABLES
from homeroom.ingest.contract.connector import KIND_CLASSES, FileKind
from homeroom.library.yaml_loader import ContentField, ContentProblem, validate_fields

FORMS = tuple(KIND_CLASSES)
_KIND = (
    ContentField(name="id", type=str, fits="a name that no other kind has"),
    ContentField(name="title", type=str, fits="what it is, for people"),
    ContentField(name="form", type=str, fits=", ".join(FORMS)),
    ContentField(name="stream", type=str, fits="the connector's name, a dot and a word"),
    ContentField(name="reader", type=str, fits="a function in readers.py"),
    ContentField(name="tables", type=list, fits="a list of canonical tables; [] where nothing is kept", required=False),
    ContentField(name="needs", type=list, fits="a list of headings", required=False),
    ContentField(
        name="first_of", type=list, fits="a list of headings of one meaning, of which one is needed", required=False
    ),
    ContentField(name="any_of", type=list, fits="a list of headings", required=False),
    ContentField(name="never", type=list, fits="a list of headings", required=False),
    ContentField(name="member", type=str, fits="the fixed file name inside a bundle", required=False),
    ContentField(
        name="by_name", type=bool, fits="true where only a file with the name of the member fits", required=False
    ),
    ContentField(
        name="gathers", type=str, fits="the heading of the id that several rows of one record share", required=False
    ),
    ContentField(name="objects", type=bool, fits="true where the reader takes whole objects", required=False),
    ContentField(name="envelope", type=str, fits="the top-level name of the list that holds the rows", required=False),
    ContentField(
        name="more", type=str, fits="the name, dots between levels, that tells of a next page", required=False
    ),
    ContentField(
        name="total", type=str, fits="the name, dots between levels, of the number of all rows", required=False
    ),
    ContentField(
        name="named", type=dict, fits="a top-level name: the expression that its text matches", required=False
    ),
    ContentField(
        name="values",
        type=dict,
        fits="a name, dots between levels: the expression that its text matches",
        required=False,
    ),
    ContentField(
        name="versions", type=dict, fits="a top-level name or attribute: a list of known versions", required=False
    ),
    ContentField(
        name="escaped", type=bool, fits="true where text is escaped for web pages in JSON too", required=False
    ),
    ContentField(name="bare", type=list, fits="the only top-level names of an export without rows", required=False),
    ContentField(name="drops", type=list, fits="a list of top-level names whose values are never kept", required=False),
    ContentField(
        name="adds", type=list, fits="a list of top-level names whose values are of each object", required=False
    ),
    ContentField(name="record", type=str, fits="the name of the element that is a row", required=False),
    ContentField(name="marks", type=list, fits="a list of regular expressions", required=False),
    ContentField(name="beside", type=list, fits="a list of file names in the same folder", required=False),
    ContentField(
        name="accumulates", type=bool, fits="true where each file goes on where the last ended", required=False
    ),
    ContentField(
        name="together", type=bool, fits="true where a record is a file, so that many are one load", required=False
    ),
    ContentField(name="word", type=str, fits="the word after homeroom: in its files", required=False),
    ContentField(
        name="products", type=list, fits="a list of Sigma's products and services, as windows/*", required=False
    ),
    ContentField(name="alone", type=bool, fits="true where each row is read by itself", required=False),
)
_FORMS_BY_WORD: Mapping[str, tuple[str, ...]] = {
    word.name: tuple(form for form, kind in KIND_CLASSES.items() if word.name in {item.name for item in fields(kind)})
    for word in _KIND
    if word.name != "form"
}
"""The forms whose kinds have a word of the manifest."""
_REQUIRED_BY_FORM: dict[str, tuple[tuple[str, ...], str]] = {
    # For each form: the words of which at least one is required, and what would fit.
    "csv": (("needs", "first_of", "any_of"), "nothing to know the file by; headings would fit"),
    "json": (("needs", "any_of"), "nothing to know the file by; names of its objects would fit"),
    "yaml": (("needs", "any_of"), "nothing to know the file by; top keys would fit"),
    "xml": (("needs",), "nothing to know the file by; the name of its root element would fit"),
    "log": (("products",), "nothing to know the file by; Sigma's products and services would fit"),
    "text": (("marks",), "nothing to know the file by; regular expressions that its beginning holds would fit"),
}


def validate_kind(item: Mapping[str, Any], *, file: str, under: str) -> list[ContentProblem]:
    """Return the problems of one kind in a manifest: fields that do not fit, or that its form does not have."""
    errors = validate_fields(item, _KIND, file=file, under=under)
    table_names = [table.name for table in SOURCE_TABLES]
    for table in item.get("tables") or ():
        if table not in table_names:
            errors.append(
                ContentProblem(
                    file=file, field=f"{under}tables", message=f"{table!r}; {', '.join(table_names)} would fit"
                )
            )
    return errors + [
        ContentProblem(file=file, field=f"{under}{word}", message=message) for word, message in _validate_form(item)
    ]


def _validate_form(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields that are invalid for the form, with what would fit."""
    form = item.get("form")
    if form not in FORMS:
        return [("form", f"{form!r}; {', '.join(FORMS)} would fit")]
    errors = [
        (word, f"goes with form {' or '.join(forms)}, not {form}")
        for word, forms in _FORMS_BY_WORD.items()
        if word in item and form not in forms
    ]
    words, message = _REQUIRED_BY_FORM[form]
    if not any(item.get(word) for word in words):
        errors.append((words[0], message))
    if not all(
        isinstance(version_list, list) and version_list for version_list in (item.get("versions") or {}).values()
    ):
        errors.append(("versions", "one word alone; a list of known versions would fit"))
    if form == "xml" and not item.get("record"):
        errors.append(("record", "is missing; the name of the element that is a row would fit"))
    if item.get("more") and not item.get("envelope"):
        errors.append(("envelope", "is missing; the name of the list whose next page `more` announces would fit"))
    if item.get("total") and not item.get("envelope"):
        errors.append(("envelope", "is missing; the name of the list whose rows `total` counts would fit"))
    if form == "json" and item.get("adds") and not item.get("objects"):
        errors.append(("objects", "is missing; true would fit, since `adds` goes with a reader of whole objects"))
    errors += [
        ("marks", f"{expression!r}; a regular expression would fit")
        for expression in _convert_to_strings(item, "marks")
        if not _is_regular_expression(expression)
    ]
    return errors


def _is_regular_expression(expression: str) -> bool:
    try:
        re.compile(expression)
    except re.error:
        return False
    return True


def build_kind(item: Mapping[str, Any]) -> FileKind:
    """Build the kind that a valid item of a manifest describes."""
    options = {word: _convert_value(word, value) for word, value in item.items() if word != "form"}
    return KIND_CLASSES[item["form"]](**options)


def _convert_value(word: str, value: Any) -> Any:
    if word == "versions":
        return {str(name): tuple(map(str, versions)) for name, versions in value.items()}
    if isinstance(value, dict):
        return {str(name): str(pattern) for name, pattern in value.items()}
    return tuple(map(str, value)) if isinstance(value, list) else value


def _convert_to_strings(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(entry) for entry in item.get(name) or ())
