"""Rules of others on the page: imported with what came of each, switched, removed, and only by a director."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.detection.rule_imports import list_district_imports, load_district_imports
from homeroom.web.protect.alerts import rules
from tests.apps.protect.detection.test_rule_imports import RULE
from tests.cast import Cast
from tests.web.protect.alerts.test_queue import get_text

ClientFactory = Callable[[str], Client]
IMPORT = "/alerts/rules/import"
LOW = RULE.replace("id: cleared", "id: mild").replace("level: high", "level: low").replace("Log cleared", "A mild one")
pytestmark = pytest.mark.usefixtures("empty_folder")


def zip_files(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def send(client: Client, content: bytes, name: str = "sigma.zip", **values: str) -> Any:
    """Send a file to the page."""
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content), **values})


def read(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_zip_of_rules_is_imported_and_each_has_its_outcome(as_: ClientFactory, cast: Cast):
    files = {"win/cleared.yml": RULE, "win/mild.yml": LOW, "win/broken.yml": "title: [", "readme.txt": "no rule"}
    answer = send(as_("director"), zip_files(files))
    page = read(answer)
    assert answer.status_code == 200
    assert "1 rule is on, 1 is off, 1 was refused." in page
    assert "its level is low" in page
    assert "win/broken.yml" in page
    assert "Mara Quill" in page
    assert "Detection Rule License (DRL) 1.1" in page
    assert {rule.id for rule in load_district_imports(district=cast.district)[0].rules for rule in [rule.heading]} == {
        "cleared"
    }
    assert list_district_imports(district=cast.next_district) == ()
    entry = Entry.objects.of(cast.district).get(action="import rules")
    assert (entry.actor, entry.detail) == ("director", {"file": "sigma.zip", "rules": 2, "on": 1, "refused": 1})


def test_one_rule_is_imported_with_the_license_that_was_named(as_: ClientFactory, cast: Cast):
    send(as_("director"), RULE.encode(), "../up/cleared.yml", license="CC BY 4.0")
    (rule,) = list_district_imports(district=cast.district)
    assert (rule.origin, rule.license) == ("cleared.yml", "CC BY 4.0")


def test_an_imported_rule_is_switched_and_stays_so_when_it_is_imported_again(as_: ClientFactory, cast: Cast):
    client = as_("director")
    send(client, zip_files({"a.yml": RULE, "b.yml": LOW}))
    assert client.post("/alerts/rules/mild/switch", {"switch": "on"}).status_code == 302
    assert client.post("/alerts/rules/cleared/switch", {"switch": "off"}).status_code == 302
    send(client, zip_files({"a.yml": RULE, "b.yml": LOW}))
    loaded, _ = load_district_imports(district=cast.district)
    assert [rule.heading.id for rule in loaded.rules] == ["mild"]
    page = get_text(client, "/alerts/rules/cleared")
    assert "Somebody switched it off." in page
    assert "Switch it on" in page
    assert "Switch it" not in get_text(as_("technician"), "/alerts/rules/cleared")
    assert client.post("/alerts/rules/google-mail-forwarded-out/switch", {"switch": "off"}).status_code == 404
    actions = set(Entry.objects.of(cast.district).values_list("action", flat=True))
    assert actions == {"import rules", "switch rule on", "switch rule off"}


def test_an_import_is_removed_and_others_stay(as_: ClientFactory, cast: Cast):
    client = as_("director")
    send(client, RULE.encode(), "one.yml")
    send(client, LOW.encode(), "two.yml")
    assert client.post(f"{IMPORT}/remove", {"origin": "one.yml"}).status_code == 302
    assert [rule.id for rule in list_district_imports(district=cast.district)] == ["mild"]
    assert client.post(f"{IMPORT}/remove", {"origin": "one.yml"}).status_code == 404
    assert "two.yml" in get_text(client, IMPORT)


def test_what_is_no_rule_or_too_much_is_refused_and_changes_nothing(
    as_: ClientFactory, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    client = as_("director")
    bomb = zip_files({"bomb.yml": b"a" * 60_000_000})
    for name, content, words in (
        ("nothing.zip", zip_files({"readme.txt": "no rule"}), "there is no rule that runs in nothing.zip"),
        ("bomb.zip", bomb, "Nothing was imported"),
        ("torn.zip", zip_files({"a.yml": RULE})[:60], "Nothing was imported"),
        ("aliases.yml", b"a: &a [1]\nb: " + b"[" * 2000, "Nothing was imported"),
    ):
        answer = send(client, content, name)
        assert answer.status_code == 422, name
        assert words in read(answer), name
        assert "/tmp" not in read(answer)
    assert client.post(IMPORT, {}).status_code == 422
    monkeypatch.setattr(rules, "MAX_UPLOAD_BYTES", -rules.FORM_BYTES)
    assert "on the command line" in read(send(client, RULE.encode()))
    assert list_district_imports(district=cast.district) == ()


def test_only_a_director_imports_removes_and_switches(as_: ClientFactory, cast: Cast):
    send(as_("director"), RULE.encode(), "one.yml")
    for name in ("technician", "auditor"):
        client = as_(name)
        assert client.get(IMPORT).status_code == 403
        assert send(client, LOW.encode()).status_code == 403
        assert client.post(f"{IMPORT}/remove", {"origin": "one.yml"}).status_code == 403
        assert client.post("/alerts/rules/cleared/switch", {"switch": "off"}).status_code == 403
    assert [rule.id for rule in list_district_imports(district=cast.district)] == ["cleared"]
