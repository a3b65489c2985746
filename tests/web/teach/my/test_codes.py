"""Printed codes: one sign-in each, for one person of one district, for a week; and every other try is the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.people_sign_in.codes import (
    LIFETIME,
    RETENTION,
    CodesRefused,
    PrintedCode,
    count_codes,
    delete_old_codes,
    print_codes,
)
from homeroom.apps.platform.people_sign_in.models import SignInCode
from homeroom.domain.ids import format_public_id
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import TEACHER_ADDRESS, Cast
from tests.web.conftest import MORNING
from tests.web.teach.my.people import publish_people

PAGE = "/d/maple-valley/my/sign-in/code"


@pytest.fixture
def code(cast: Cast, people: EvidenceStore, settings: Any) -> PrintedCode:
    settings.NOW = MORNING
    (printed,) = print_codes(district=cast.district, addresses=[TEACHER_ADDRESS], actor="director", at=MORNING)
    return printed


def enter(client: Client, code: str, *, address: str = TEACHER_ADDRESS, page: str = PAGE, network: str = "192.0.2.1"):
    return client.post(page, {"address": address, "code": code}, REMOTE_ADDR=network)


def test_a_person_comes_in_with_a_code_once(code: PrintedCode, cast: Cast):
    client = Client()
    page = client.get("/d/maple-valley/my", follow=True)
    assert b"printed code" in page.content
    assert b"Sign in with Google" not in page.content
    assert enter(client, code.code)["Location"] == "/d/maple-valley/my"
    assert b"Hello, Ines Calloway" in client.get("/my").content
    assert enter(Client(), code.code).status_code == 404
    actions = list(Entry.objects.of(cast.district).order_by("id").values_list("action", "detail"))
    printed = {"people": 1, "for": [format_public_id("person", 1)]}
    way = {"way": "code"}
    assert actions == [("print sign-in codes", printed), ("sign in", way), ("fail to sign in", way)]


@pytest.mark.parametrize("spell", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_is_read_as_people_type_it(code: PrintedCode, spell: Callable[[str], str]):
    assert enter(Client(), spell(code.code), address=f" {TEACHER_ADDRESS.upper()} ").status_code == 302


def test_a_code_that_is_guessed_used_old_or_of_another_district_or_person_answers_the_same(
    code: PrintedCode, cast: Cast, tmp_path: Path, settings: Any
):
    publish_people(tmp_path / "evidence", district="next-door")
    (other,) = print_codes(district=cast.next_district, addresses=[TEACHER_ADDRESS], actor="", at=MORNING)
    (ended,) = print_codes(district=cast.district, addresses=[TEACHER_ADDRESS], actor="", at=MORNING)
    (cleo,) = print_codes(district=cast.district, addresses=["cleo.marsh@maple.test"], actor="", at=MORNING)
    (used,) = print_codes(district=cast.district, addresses=["dana.whitfield@maple.test"], actor="", at=MORNING)
    assert enter(Client(), used.code, address=used.address).status_code == 302
    tries = {
        "guessed": ("2222-3333-4444", TEACHER_ADDRESS),
        "ended by a newer one": (code.code, TEACHER_ADDRESS),
        "of another district": (other.code, TEACHER_ADDRESS),
        "of another person": (cleo.code, TEACHER_ADDRESS),
        "used": (used.code, used.address),
        "empty": ("", TEACHER_ADDRESS),
        "too long": ("X" * 5_000, TEACHER_ADDRESS),
    }
    answers = {name: enter(Client(), *pair[:1], address=pair[1], network=f"192.0.2.{number}")
               for number, (name, pair) in enumerate(tries.items(), start=10)}  # fmt: skip
    settings.NOW = MORNING + LIFETIME
    answers["old"] = enter(Client(), ended.code)
    assert {answer.status_code for answer in answers.values()} == {404}
    texts = {strip(answer.content.decode()).replace(used.address, TEACHER_ADDRESS) for answer in answers.values()}
    assert len(texts) == 1
    assert not any("_auth_user_id" in answer.wsgi_request.session for answer in answers.values())


def strip(text: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_every_try_asks_the_database_the_same(code: PrintedCode):
    counts = []
    enter(Client(), "2222-3333-4444")
    other_letter = "Y" if code.code[0] == "Z" else "Z"
    for text in ("2222-3333-4444", "", other_letter + code.code[1:]):
        client = Client()
        with CaptureQueriesContext(connection) as queries:
            enter(client, text)
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_guessing_is_slowed_down_and_nobody_else_is(code: PrintedCode, cast: Cast):
    assert [enter(Client(), "2222-3333-4444").status_code for _ in range(7)] == [404] * 5 + [429] * 2
    answer = enter(Client(), code.code)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    (cleo,) = print_codes(district=cast.district, addresses=["cleo.marsh@maple.test"], actor="", at=MORNING)
    assert enter(Client(), cleo.code, address=cleo.address).status_code == 302


def test_a_code_of_somebody_who_left_since_lets_nobody_in(code: PrintedCode, cast: Cast, tmp_path: Path):
    publish_people(tmp_path / "evidence", district="maple-valley", left=TEACHER_ADDRESS)
    client = Client()
    assert enter(client, code.code).status_code == 403
    assert client.get("/d/maple-valley/my").status_code == 302
    with pytest.raises(CodesRefused, match="1 of 1 addresses are nobody's"):
        print_codes(district=cast.district, addresses=[TEACHER_ADDRESS], actor="", at=MORNING)


def test_codes_are_stored_as_hashes_and_deleted_a_month_after_their_week(code: PrintedCode, cast: Cast):
    row = SignInCode.objects.of(cast.district).get()
    assert code.code not in str(vars(row))
    assert code.code.replace("-", "") not in str(vars(row))
    assert count_codes(district=cast.district, at=MORNING).waiting == 1
    end = row.expires_at + RETENTION
    assert delete_old_codes(district=cast.district, at=end) == 0
    assert delete_old_codes(district=cast.district, at=end + timedelta(seconds=1)) == 1


def test_codes_for_a_school_are_of_those_who_may_sign_in(cast: Cast, people: EvidenceStore):
    printed = print_codes(district=cast.district, actor="director", at=MORNING)
    assert [item.name for item in printed] == ["Cleo Marsh", "Dana Whitfield", "Ines Calloway"]
    assert len({item.code for item in printed}) == 3
    assert all(re.fullmatch(r"([2-9B-DF-HJKMNP-TV-Z]{4}-){2}[2-9B-DF-HJKMNP-TV-Z]{4}", item.code) for item in printed)
    with pytest.raises(CodesRefused):
        print_codes(district=cast.district, school="Nowhere High", actor="director", at=MORNING)
    with pytest.raises(CodesRefused):
        print_codes(district=cast.next_district, actor="director", at=MORNING)
