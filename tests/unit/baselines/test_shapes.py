"""Spoilt settings documents and files of cases: judged or refused with a sentence, never broken on."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.engines.baselines.signing import VIEW, with_sign_in
from homeroom.engines.baselines.units import units
from homeroom.library.cases import cases
from homeroom.library.reading import ContentRefused

WHOLE: dict[str, Any] = {
    "tenant_info": {"topLevelOU": "District"},
    "policies": {"District": {"mail": {"imap": True}}},
    "group_policies": {"staff@district.example": {"mail": {"imap": False}}},
    "organizational_units": {"organizationUnits": [{"name": "Pupils", "orgUnitPath": "/Pupils", "orgUnitId": "id:1"}]},
    "organizational_unit_names": ["District", "Pupils"],
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


def spoilt(whole: Any) -> list[Any]:
    """That document with each of its parts in turn replaced by what does not belong there."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(whole, dict):
        inner = list(whole.items())
    elif isinstance(whole, list):
        inner = list(enumerate(whole))
    found = []
    for key, value in inner:
        for wrong in [None, 3, True, "text", [], [None], ["text"], {}, {"a": [3]}, *spoilt(value)]:
            made = copy.copy(whole)
            made[key] = wrong
            found.append(made)
    return found


def test_a_spoilt_part_of_a_settings_document_says_nothing() -> None:
    documents = spoilt(WHOLE)
    assert len(documents) > 200
    for document in documents:
        assert units(with_sign_in(document))[0].kind == "unit"
    assert with_sign_in(WHOLE)[VIEW][0]["mode"] == "SAML_SSO"


def written(folder: Path, text: str) -> list[Path]:
    (folder / "cases.jsonl").write_text(text, encoding="utf-8")
    return [folder / "cases.jsonl"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cases.jsonl: holds no case"),
        ("\n \n", "cases.jsonl: holds no case"),
        (json.dumps(CASE | {"expected": 3}), "line 1: expected would have to be a list"),
        (json.dumps(CASE | {"expected": {"RequirementMet": True}}), "line 1: expected would have to be a list"),
    ],
)
def test_a_file_of_cases_that_cannot_be_judged_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ContentRefused, match=r"cases\.jsonl") as refused:
        cases(written(tmp_path, text))
    assert told in str(refused.value)


def test_cases_may_begin_with_a_byte_order_mark_and_hold_line_separators(tmp_path: Path) -> None:
    named = json.dumps(CASE | {"test": "two\u2028lines"}, ensure_ascii=False)
    found = cases(written(tmp_path, f"\ufeff{named}\r\n{named}\r\n"))
    assert [case.line for case in found] == [1, 2]
    assert found[0].name == "two\u2028lines"
