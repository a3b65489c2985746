"""Pages of requests to use a tool: who may ask and decide, what the check shows, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory.commands import resolve
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import publish_load
from tests.cast import Cast
from tests.web.manage.tools.tool_lists import AT, TODAY, load_tools

ClientFactory = Callable[[str], Client]
ASK = {
    "name": "Rootmath", "requester": "Rowan Vance", "class_name": "Grade 4 math", "schools": "Elm Middle",
    "reason": "For practice at home", "needed_by": "2026-02-02",
}  # fmt: skip
APPROVAL = {"outcome": "conditions", "reason": "No rights.", "conditions": "No names.", "until": "2026-06-30"}


@pytest.fixture
def tools(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    load_tools(cast, tmp_path)
    return cast


def get_text(client: Client, address: str, *, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return clean_text(answer)


def clean_text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def ask(client: Client, **values: str) -> str:
    answer = client.post("/tools/requests/new", {**ASK, **values})
    assert answer.status_code == 302, clean_text(answer)
    return str(answer["Location"])


def test_the_check_is_first_and_often_ends_the_question(as_: ClientFactory, tools: Cast) -> None:
    client = as_("technician")
    assert "Ask all the same" not in get_text(client, "/tools/requests/new")
    page = get_text(client, "/tools/requests/new?name=brightpath+math")
    assert "Brightpath Math is here: Oak Elementary, $3,000 a year." in page
    assert "Paid for already: Rootmath." in page
    assert page.index("The check of") < page.index("Ask all the same")
    unknown = get_text(client, "/tools/requests/new?name=Rootmaths")
    assert "Not here under this name." in unknown
    assert "Do you mean another tool? Rootmath is here" in unknown
    wanted = get_text(client, "/tools/requests/new?name=Zebra&does=math-practice")
    assert "Paid for already: Brightpath Math, Rootmath." in wanted


def test_a_request_is_asked_decided_and_listed_until_it_expires(
    as_: ClientFactory, tools: Cast, settings: Any, morning: datetime
) -> None:
    technician, director = as_("technician"), as_("director")
    address = ask(technician)
    page = get_text(technician, address)
    assert "Rowan Vance" in page
    assert "When asked" in page
    assert "When decided" not in page
    assert "Record the decision" not in page
    assert "Rootmath" in get_text(technician, "/tools/requests")
    assert director.post(f"{address}/decide", APPROVAL).status_code == 302
    page = get_text(director, address)
    assert "Approved with conditions" in page
    assert "until Jun 30, 2026" in page
    assert "When decided" in page
    assert "Rootmath" not in get_text(director, "/tools/requests").partition("Open requests")[2]
    listed = get_text(technician, "/tools/requests/approved")
    assert "No names." in listed
    assert "Expired" not in listed
    settings.NOW = morning + timedelta(days=130)
    assert "ends soon" in get_text(technician, "/tools/requests/approved")
    settings.NOW = morning + timedelta(days=200)
    assert "Expired: not approved any more" in get_text(technician, "/tools/requests/approved")
    file = technician.get("/tools/requests/approved.csv").getvalue().decode("utf-8-sig")
    assert file.splitlines()[0] == "tool,state,schools,grades,class,conditions,until,approved on"
    assert "Rootmath,Expired,Elm Middle,,Grade 4 math,No names.,2026-06-30,2026-01-15" in file
    assert "Rowan" not in file


def test_what_changed_since_the_question_is_marked(as_: ClientFactory, tools: Cast, tmp_path: Path) -> None:
    client = as_("director")
    address = ask(client, name="Zebra Maps", does="maps-geography")
    assert "changed" not in get_text(client, address)
    store, later = EvidenceStore(tmp_path / "evidence", district="maple-valley"), AT + timedelta(minutes=5)
    rows = [{"key": "Z-1", "product": "Zebra Maps", "cost_minor": 50_000, "currency": "USD"}]
    publish_load(store, "orders", "orders.list", "contract_records", rows, at=later)
    resolve(district=tools.district, store=store, today=TODAY, at=later)
    page = get_text(client, address)
    assert "Here changed Not here under this name." in page
    assert "Zebra Maps is here: Elm Middle, Oak Elementary, $500 a year." in page


def test_a_field_that_does_not_fit_is_shown_with_what_would_fit(as_: ClientFactory, tools: Cast) -> None:
    client = as_("director")
    for wrong in ({"reason": ""}, {"needed_by": "2026-01-01"}, {"does": "lmz"}, {"name": "…"}):
        answer = client.post("/tools/requests/new", {**ASK, **wrong})
        assert answer.status_code == 422, wrong
        assert "would fit" in clean_text(answer)
    address = ask(client)
    for wrong in ({"outcome": "perhaps"}, {"conditions": ""}, {"until": "2026-01-01"}, {"reason": ""}):
        answer = client.post(f"{address}/decide", {**APPROVAL, **wrong})
        assert answer.status_code == 422, wrong
        assert "would fit" in clean_text(answer)
    assert client.post(f"{address}/withdraw", {"withdrawal": ""}).status_code == 422
    assert "Record the decision" in get_text(client, address)
    assert client.post("/tools/requests/request-0000/decide", APPROVAL).status_code == 404
    assert client.post("/tools/requests/request-0000/withdraw", {"withdrawal": "x"}).status_code == 404
    assert client.get("/tools/requests/request-0000").status_code == 404


def test_each_role_does_what_it_may_and_strangers_nothing(as_: ClientFactory, tools: Cast) -> None:
    address = ask(as_("privacy"))
    assert as_("technician").post(f"{address}/decide", APPROVAL).status_code == 403
    assert as_("auditor").post(f"{address}/withdraw", {"withdrawal": "x"}).status_code == 403
    assert as_("auditor").get("/tools/requests/new").status_code == 403
    auditor = get_text(as_("auditor"), address)
    assert "Rowan Vance" not in auditor
    assert "For practice at home" not in auditor
    assert "Record the decision" not in auditor
    assert "It is not needed any more" not in auditor
    assert as_("privacy").post(f"{address}/decide", APPROVAL).status_code == 302
    stranger = as_("stranger")
    for page in (address, f"{address}/decide", "/tools/requests", "/tools/requests/approved"):
        assert stranger.get(f"/d/maple-valley{page}").status_code == 404, page
    assert stranger.get(address).status_code == 404
    assert "Rootmath" not in get_text(stranger, "/tools/requests/approved")
    assert as_("technician").post(f"{address}/withdraw", {"withdrawal": "The class ended."}).status_code == 302
    assert "Record the decision" not in get_text(as_("director"), address)


def test_before_anything_is_loaded_the_check_is_unknown_and_a_request_still_goes(
    as_: ClientFactory, empty_folder: None
) -> None:
    client = as_("director")
    assert "Unknown: nothing was loaded yet." in get_text(client, "/tools/requests/new?name=Kami")
    address = ask(client, schools="")
    assert "All schools" in get_text(client, address)
    assert "No request is decided" in get_text(client, "/tools/requests?show=decided")
    assert "Nothing is approved" in get_text(client, "/tools/requests/approved")


def test_today_counts_open_requests_and_approvals_that_end_soon_for_who_decides(
    as_: ClientFactory, tools: Cast
) -> None:
    director = as_("director")
    assert "tool request needs" not in get_text(director, "/")
    ask(director)
    approved = ask(director, name="Kami")
    assert director.post(f"{approved}/decide", {**APPROVAL, "until": "2026-02-01"}).status_code == 302
    for name in ("director", "privacy"):
        page = get_text(as_(name), "/")
        assert "1 tool request needs a decision" in page, name
        assert "1 tool approval expires within 60 days" in page, name
    for name in ("technician", "auditor", "stranger"):
        page = get_text(as_(name), "/")
        assert "tool request needs" not in page, name
        assert "tool approval" not in page, name
