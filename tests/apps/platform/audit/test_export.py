"""An export of the trail is verified without Homeroom's data, and whatever is changed in it is found."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from homeroom.apps.platform.audit.appending import redact_entries
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.export_file import ExportRefused, verify_export
from homeroom.apps.platform.audit.exporting import export_trail, get_signing_key
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.audit.signing import sign_trail
from tests.amounts import choose_amount
from tests.apps.platform.audit.documented_hashes import hash_entry
from tests.apps.program import run_homeroom
from tests.cast import create_cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def export(tmp_path: Path, settings: Any) -> Path:
    """Return the export of a trail with 20 entries, an erasure and three checkpoints."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    cast = create_cast()
    for number in range(20):
        record_audit_entry(
            district=cast.district,
            at=AT,
            actor="technician",
            action="open person",
            subject=f"p-{number}",
            detail={"share": number / 7, "whole": 3.0, "name": "Béla"},
        )
        if number in (6, 13):
            sign_trail(district=cast.district, at=AT + timedelta(days=number))
    pk = Entry.objects.of(cast.district).get(number=5).pk
    redact_entries(district=cast.district, at=AT, changes=[(pk, {"subject": "[erased]"})])
    path = tmp_path / "trail.jsonl"
    assert export_trail(district=cast.district, path=path, at=AT + timedelta(days=30), actor="director") == 25
    return path


def read_lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def has_problems(lines: list[bytes], *, fingerprint: str = "") -> bool:
    try:
        return bool(verify_export(lines, fingerprint=fingerprint).problems)
    except ExportRefused:
        return True


def test_an_export_is_verified_by_the_page_s_rules_alone(export: Path):
    documents = [json.loads(line) for line in read_lines(export)]
    header, end = documents[0], documents[-1]
    entries = [document for document in documents if document["kind"] == "entry"]
    previous = "0" * 64
    for number, entry in enumerate(entries, start=1):
        entry["detail"] = {name: 3 if name == "whole" else value for name, value in entry["detail"].items()}
        assert (entry["number"], entry["previous"]) == (number, previous)
        previous = hash_entry(header["chain"], entry)
        assert entry["digest"] == previous
    assert (header["number"], header["digest"]) == (len(entries), previous)
    for document in [*(item["checkpoint"] for item in documents if item["kind"] == "checkpoint"), end]:
        signature = base64.b64decode(document.pop("signature"))
        content = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(document["key"]))
        key.verify(signature, content)
        with pytest.raises(InvalidSignature):
            key.verify(signature, content + b" ")


def test_an_untouched_export_has_no_problem_and_names_its_key(export: Path, tmp_path: Path):
    _, fingerprint = get_signing_key()
    trail = verify_export(read_lines(export), fingerprint=fingerprint.upper())
    assert (trail.problems, trail.entries, trail.checkpoints) == ((), 25, 3)
    result = run_homeroom("verify", "--export", str(export), "--key", fingerprint, data=tmp_path / "none")
    assert (result.returncode, "25 audit entries" in result.stdout) == (0, True), result.stderr
    assert not (tmp_path / "none").exists(), "no data folder is needed"
    result = run_homeroom("verify", "--export", str(export), "--key", "ab", data=tmp_path / "none")
    assert (result.returncode, "signed with another key" in result.stdout) == (1, True)


def test_whatever_is_changed_in_an_export_is_found(export: Path):
    lines, chance = read_lines(export), random.Random(7)
    missed = []
    for attempt in range(choose_amount(brief=120, thorough=1_000)):
        changed, kind = list(lines), attempt % 5
        place = chance.randrange(len(lines))
        if kind == 0:
            letter = chance.randrange(len(lines[place]) - 1)
            changed[place] = lines[place][:letter] + b"~" + lines[place][letter + 1 :]
        elif kind == 1:
            del changed[place]
        elif kind == 2:
            changed.insert(place, lines[chance.randrange(len(lines))])
        elif kind == 3:
            other = (place + 1) % len(lines)
            changed[place], changed[other] = changed[other], changed[place]
        else:
            del changed[-chance.randrange(1, len(lines)) :]
        if changed != lines and not has_problems(changed):
            missed.append((attempt, place))
    assert missed == []


def test_an_export_that_is_signed_again_with_another_key_is_found_by_its_fingerprint(export: Path):
    lines, key = read_lines(export), Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    _, fingerprint = get_signing_key()
    old = json.loads(lines[0])["keys"][0]
    header = json.loads(lines[0]) | {"keys": [old, public]}
    body = [write_line(header), *lines[1:-1]]
    import hashlib

    end = json.loads(lines[-1]) | {"key": public, "sha256": hashlib.sha256(b"".join(body)).hexdigest()}
    del end["signature"]
    end["signature"] = base64.b64encode(key.sign(write_line(end)[:-1])).decode()
    forged = [*body, write_line(end)]
    assert not has_problems(forged), "it is the export of whoever has the other key"
    assert has_problems(forged, fingerprint=fingerprint)


def write_line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize("content", [b"", b"no json\n", b"[1]\n", b'{"kind": "entry"}\n', b'{"kind": "trail"}\n'])
def test_a_file_that_is_no_export_is_refused(content: bytes, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(content)
    result = run_homeroom("verify", "--export", str(path), data=tmp_path / "none")
    assert (result.returncode, "Traceback" in result.stderr) == (2, False)
