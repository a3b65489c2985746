"""Test that malformed settings documents and case files are evaluated or refused with a message."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.engines.protect.baselines.single_sign_on import PRIVILEGED_SIGN_IN, add_privileged_sign_in
from homeroom.engines.protect.baselines.units import build_units
from homeroom.library.protect.baseline_cases import load_cases
from homeroom.library.yaml_loader import ContentRefused

VALID_DOCUMENT: dict[str, Any] = {
    "tenant_info": {"topLevelOU": "District"},
    "policies": {"District": {"mail": {"imap": True}}},
    "group_policies": {"staff@district.example": {"mail": {"imap": False}}},
    "organizational_units": {
        "organizationUnits": [{"name": "Students", "orgUnitPath": "/Students", "orgUnitId": "id:1"}]
    },
    "organizational_unit_names": ["District", "Students"],
    "mail_logs": {
        "items": [
            {
                "id": {"time": "2026-01-01T08:00:00Z"},
                "events": [{"name": "CHANGE", "parameters": [{"name": "SETTING_NAME", "value": "pop"}]}],
            }
        ]
    },
    "privileged_users": [{"primaryEmail": "head@district.example", "orgUnitPath": "/", "groupKeys": ["g1"]}],
    "inbound_sso_assignments": [{"targetGroup": "groups/g1", "ssoMode": "SAML_SSO"}],
}
CASE = {"policy_id": "GWS.GMAIL.1.1v1", "input": {}, "expected": [{"RequirementMet": False}]}


def replace_each_part(document: Any) -> list[Any]:
    """Return copies of the document, each with one part replaced by a value that does not belong there."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        inner = list(document.items())
    elif isinstance(document, list):
        inner = list(enumerate(document))
    variants = []
    for key, value in inner:
        for wrong in [None, 3, True, "text", [], [None], ["text"], {}, {"a": [3]}, *replace_each_part(value)]:
            variant = copy.copy(document)
            variant[key] = wrong
            variants.append(variant)
    return variants


def test_a_spoilt_part_of_a_settings_document_says_nothing() -> None:
    documents = replace_each_part(VALID_DOCUMENT)
    assert len(documents) > 200
    for document in documents:
        assert build_units(add_privileged_sign_in(document))[0].kind == "unit"
    assert add_privileged_sign_in(VALID_DOCUMENT)[PRIVILEGED_SIGN_IN][0]["mode"] == "SAML_SSO"


def write_cases(folder: Path, text: str) -> list[Path]:
    (folder / "cases.jsonl").write_text(text, encoding="utf-8")
    return [folder / "cases.jsonl"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cases.jsonl: holds no case"),
        ("\n \n", "cases.jsonl: holds no case"),
        (json.dumps(CASE | {"expected": 3}), "line 1: expected would have to be a list"),
        (json.dumps(CASE | {"expected": {"RequirementMet": True}}), "line 1: expected would have to be a list"),
    ],
)
def test_a_file_of_cases_that_cannot_be_judged_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ContentRefused, match=r"cases\.jsonl") as refused:
        load_cases(write_cases(tmp_path, text))
    assert message in str(refused.value)


def test_cases_may_begin_with_a_byte_order_mark_and_hold_line_separators(tmp_path: Path) -> None:
    case_line = json.dumps(CASE | {"test": "two\u2028lines"}, ensure_ascii=False)
    loaded = load_cases(write_cases(tmp_path, f"\ufeff{case_line}\r\n{case_line}\r\n"))
    assert [case.line for case in loaded] == [1, 2]
    assert loaded[0].name == "two\u2028lines"
