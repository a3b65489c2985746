"""A containment is a fix file: a second person for administrators and crowds, rows to paste, proof in a later log."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.fixes.commands import FixNotPossible, release, review_fix
from homeroom.apps.protect.fixes.containment import ContainmentTarget, list_paste_lines, prepare_containment
from homeroom.apps.protect.fixes.queries import find_fix, list_fixes
from homeroom.apps.protect.fixes.verify import verify_fixes
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.differs_by_database("transactions")
AT = datetime(2026, 9, 14, 18, tzinfo=UTC)
ANA = ContainmentTarget(name="Ana@maple.example", public="a-0000000000001")
ROOT = ContainmentTarget(name="root@maple.example", administrator=True)


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


def _prepare(cast: Cast, *targets: ContainmentTarget, action: str = "google.sign-out-user") -> str:
    return prepare_containment(
        district=cast.district, incident="incident-1", action=action, targets=targets, actor="technician", at=AT
    )


def _review(cast: Cast, public: str, *, actor: str = "technician") -> None:
    review_fix(district=cast.district, public=public, actor=actor, at=AT)


def _release(cast: Cast, public: str) -> dict[str, str]:
    package = release(district=cast.district, public=public, actor="technician", at=AT)
    with package.file, zipfile.ZipFile(package.file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_row_is_ready_to_paste_once_somebody_looked_and_took_it(cast: Cast) -> None:
    public = _prepare(cast, ANA)
    for step in (lambda: _review(cast, public), lambda: _release(cast, public)):
        with pytest.raises(FixNotPossible):
            list_paste_lines(district=cast.district, public=public)
        step()
    line = list_paste_lines(district=cast.district, public=public)[0]
    assert (line.command, line.undo) == ("gam user ana@maple.example signout", "")
    assert line.no_undo.startswith("Cannot be undone")
    with pytest.raises(LookupError):
        list_paste_lines(district=cast.next_district, public=public)
    fix = find_fix(district=cast.district, public=public)
    assert fix is not None
    assert (fix.incident, fix.control, fix.rows) == ("incident-1", None, 1)
    assert [item.public for item in list_fixes(district=cast.district, incident="incident-1")] == [public]
    assert list_fixes(district=cast.next_district) == ()
    actions = Entry.objects.of(cast.district).order_by("pk").values_list("action", "detail__incident")
    assert list(actions) == [(f"{word} fix file", "incident-1") for word in ("prepare", "review", "hand out")]


def test_the_zip_has_the_undo_where_there_is_one(cast: Cast) -> None:
    target = ContainmentTarget(name="ana@maple.example", back="eve@evil.example")
    public = _prepare(cast, target, action="google.stop-forwarding")
    _review(cast, public)
    files = _release(cast, public)
    assert set(files) == {"fix.csv", "undo.csv", "README.txt"}
    assert 'forward on keep "~forwardTo"' in files["README.txt"]
    line = list_paste_lines(district=cast.district, public=public)[0]
    assert line.undo == "gam user ana@maple.example forward on keep eve@evil.example"


@pytest.mark.parametrize("crowd", [False, True], ids=["an administrator", "more than twenty accounts"])
def test_a_second_person_approves(cast: Cast, crowd: bool) -> None:
    targets = [ContainmentTarget(name=f"t{n}@maple.example") for n in range(21)] if crowd else [ANA, ROOT]
    public = _prepare(cast, *targets)
    with pytest.raises(FixNotPossible, match="somebody other"):
        _review(cast, public)
    _review(cast, public, actor="director")
    twenty = _prepare(cast, *[ContainmentTarget(name=f"t{n}@maple.example") for n in range(20)])
    _review(cast, twenty)


def test_hostile_values_and_unknown_actions_are_refused(cast: Cast) -> None:
    rule = ContainmentTarget(name="ana@maple.example", value="x'; Remove-Item x; '")
    with pytest.raises(FixNotPossible, match="rule's name"):
        _prepare(cast, rule, action="microsoft.remove-inbox-rule")
    with pytest.raises(FixNotPossible, match="would fit"):
        _prepare(cast, ANA, action="google.delete-user")
    with pytest.raises(FixNotPossible, match="no account"):
        _prepare(cast, ContainmentTarget(name="MAPLE\\ana"))


def _write_reset(*addresses: str) -> str:
    lines = []
    for number, address in enumerate(addresses):
        time = (AT + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
        parameter = {"name": "USER_EMAIL", "value": address}
        lines.append({
            "kind": "admin#reports#activity",
            "id": {"time": time, "uniqueQualifier": str(number), "applicationName": "admin", "customerId": "C1"},
            "actor": {"email": "root@maple.example", "profileId": "1"},
            "events": [{"type": "USER_SETTINGS", "name": "RESET_SIGNIN_COOKIES", "parameters": [parameter]}],
        })  # fmt: skip
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_the_next_load_proves_the_rows_that_the_console_logged_and_no_others(cast: Cast, tmp_path: Path) -> None:
    public = _prepare(cast, ANA, ContainmentTarget(name="bo@maple.example"))
    _review(cast, public)
    _release(cast, public)
    store = get_evidence_store(district=cast.district)
    path = tmp_path / "admin.jsonl"
    path.write_text(_write_reset("ana@maple.example", "jim-bo@maple.example"), encoding="utf-8")
    later = AT + timedelta(hours=1)
    load_files([path], district=cast.district, store=store, at=later, actor="technician")
    assert verify_fixes(district=cast.district, store=store, at=later) == 1
    assert verify_fixes(district=cast.district, store=store, at=later) == 0
    outcomes = {line.name: line.outcome for line in list_paste_lines(district=cast.district, public=public)}
    assert outcomes == {"ana@maple.example": "worked", "bo@maple.example": ""}
