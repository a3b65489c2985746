"""Whoever takes a file with people in it leaves an entry in the audit trail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from tests.cast import Cast

WEB = Path(__file__).resolve().parents[2] / "src" / "homeroom" / "web"
SENDS_FILE = re.compile(r"as_attachment|name_download\(|StreamingHttpResponse\(")
RECORDS = re.compile(r"record_download\(|record_audit_entry\(|_record\w*\(")
RECORDED_BY_COMMAND = {
    "download_canaries": "export_canaries",
    "print_first_hour": "print_sheet",
    "download_arms": "list_arm_lines",
    "_send_archive": "release",
    "download_report": "export_report",
}
"""Views whose command writes the entry."""
WITHOUT_PEOPLE = {
    "download_scorm": "a course",
    "export_drills_csv": "counts",
    "export_drills_json": "counts",
    "export_drill_json": "counts",
    "export_plan": "prices and amounts of devices",
    "download_calendar": "duties of laws",
    "download_facts": "answers about the district",
    "download_approved": "names of tools",
    "_download": "results of frameworks",
    "build_file_response": "written by the command that makes the file for a family",
}


def list_senders() -> Iterator[tuple[str, str]]:
    """Yield the name and the source of each function of the web layer that sends a file."""
    for path in sorted(WEB.glob("**/*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name != "name_download":
                text = ast.get_source_segment(source, node) or ""
                if SENDS_FILE.search(text):
                    yield node.name, text


SENDERS = dict(list_senders())


@pytest.mark.parametrize("name", sorted(SENDERS))
def test_a_file_that_leaves_is_recorded_or_holds_nobody(name: str) -> None:
    text = SENDERS[name]
    if name in WITHOUT_PEOPLE:
        return
    assert RECORDS.search(text) or RECORDED_BY_COMMAND.get(name, "nothing") + "(" in text, name


def test_the_lists_of_this_test_name_views_that_are_there() -> None:
    assert {*RECORDED_BY_COMMAND, *WITHOUT_PEOPLE} <= SENDERS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["privacy", "auditor"])
def test_the_log_of_disclosures_is_taken_by_somebody(role: str, cast: Cast) -> None:
    client = Client()
    client.force_login(getattr(cast, role))
    response: Any = client.get("/privacy/disclosures.csv")
    assert b"".join(response.streaming_content).startswith(b"student,name,")
    entry = Entry.objects.of(cast.district).get()
    assert (entry.actor, entry.action) == (role, "export disclosures")
