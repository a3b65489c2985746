"""The page about what users ask: 25 asks, each with its answer, and with proofs that exist."""

from __future__ import annotations

import re

import pytest

from homeroom.library.protect.controls import load_controls
from homeroom.web.shared.navigation import list_areas
from tests.content.documentation import DOCS, REFERENCE, ROOT

PAGE = DOCS / "what-users-ask.md"
ANSWERS = {"yes", "partly", "no"}
_PROOF = re.compile(r"(page|command|test) `([^`]+)`")


def list_asks() -> list[tuple[int, str, str, str]]:
    """Return (number, issues, answer, proofs) of each row of the page."""
    rows = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0].strip().isdecimal():
            assert len(cells) == 5, line
            rows.append((int(cells[0]), cells[2], cells[3], cells[4]))
    return rows


def list_proofs(kind: str) -> list[str]:
    return sorted(
        {name for *_, proofs in list_asks() for proof_kind, name in _PROOF.findall(proofs) if proof_kind == kind}
    )


def test_there_are_25_asks_each_with_an_answer_an_issue_and_a_proof() -> None:
    asks = list_asks()
    assert sorted(number for number, *_ in asks) == list(range(1, 26))
    assert {re.split(r"\W", answer)[0] for _, _, answer, _ in asks} <= ANSWERS
    assert not [number for number, issues, _, _ in asks if not re.match(r"[\w-]+/[\w-]+#\d+", issues)]
    assert not [number for number, _, _, proofs in asks if not _PROOF.search(proofs)]


def test_each_named_page_is_an_address_of_the_site() -> None:
    names = {pattern.name for area in list_areas() for pattern in area.urlpatterns}
    assert [name for name in list_proofs("page") if name not in names] == []


def test_each_named_command_is_in_the_reference() -> None:
    texts = "".join(page.read_text(encoding="utf-8") for page in (REFERENCE / "commands").glob("*.md"))
    assert [name for name in list_proofs("command") if not re.search(rf"homeroom {name}\b", texts)] == []


@pytest.mark.parametrize("test", list_proofs("test"))
def test_each_named_test_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_warranty_and_end_of_updates_are_two_controls() -> None:
    controls = {control.id: control for control in load_controls()}
    fields = {name: str(controls[name].requires) for name in ("warranty-ended", "chromeos-expired")}
    assert "warranty_until" in fields["warranty-ended"]
    assert "expires_on" in fields["chromeos-expired"]
    assert "warranty" not in fields["chromeos-expired"]
