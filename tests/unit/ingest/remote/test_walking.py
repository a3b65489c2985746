"""A walk keeps every page, goes on where it stopped, and never calls a list whole that may lack rows."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from homeroom.ingest.remote import faults
from homeroom.ingest.remote.client import Answer, Each, Feed, Page, Request
from homeroom.ingest.remote.faults import Fault
from homeroom.ingest.remote.paging import by_address, by_link_header, by_number, by_offset, linked
from homeroom.ingest.remote.spool import Spool
from homeroom.ingest.remote.walking import Mark, Plan, Walked, walk
from tests.unit.ingest.remote.wire import HERE, NOW, SECRET, Time, Wire, client, cut, line, said, things, total


def walked(
    wire: Wire,
    folder: Path,
    *,
    feeds: tuple[Feed, ...] = (),
    whole: bool = False,
    marks: dict[str, Mark] | None = None,
) -> Walked:
    chosen = feeds or (things(),)
    plan = Plan(feeds=chosen, envelopes={feed.id: "items" for feed in chosen}, whole=whole, marks=marks or {})
    made = line(wire, Time(), of=client(*chosen))
    return walk(plan, line=made, into=Spool(folder), at=NOW, progress=lambda *_: None)


def rows(folder: Path, feed: str = "things") -> list[object]:
    return [row for page in Spool(folder).pages(feed) for row in json.loads(page.read_bytes())["items"]]


def page_of(*items: object, following: str = "", **more: object) -> Answer:
    return said({"items": list(items), "next": following, **more})


def test_an_interrupted_walk_goes_on_at_the_page_where_it_stopped(tmp_path: Path) -> None:
    first = Wire(page_of(1, 2, following="b"), page_of(3, following="c"), cut(), cut(), cut(), cut())
    with pytest.raises(Fault) as raised:
        walked(first, tmp_path / "s")
    assert raised.value.passing
    second = Wire(page_of(4))
    done = walked(second, tmp_path / "s")
    assert [one.param("page") for one in second.asked] == ["c"]
    assert (rows(tmp_path / "s"), done.rows, done.pages, done.whole, done.incomplete) == ([1, 2, 3, 4], 4, 3, True, "")


def test_what_is_kept_is_its_owner_s_alone_and_holds_nothing_but_rows(tmp_path: Path) -> None:
    walked(Wire(page_of({"n": "1.50"}, secret=SECRET)), tmp_path / "s")
    written = b"".join(path.read_bytes() for path in (tmp_path / "s").rglob("*.json"))
    assert SECRET.encode() not in written
    assert b"Bearer" not in written
    if sys.platform != "win32":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "s", *(tmp_path / "s").rglob("*")]}
        assert modes == {0o700, 0o600}


def test_a_page_whose_address_is_forgotten_begins_the_walk_anew(tmp_path: Path) -> None:
    with pytest.raises(Fault):
        walked(Wire(page_of(1, following="b"), cut(), cut(), cut(), cut()), tmp_path / "s")
    walked(Wire(said({}, 400), page_of(7, following="z"), page_of(8)), tmp_path / "s")
    assert rows(tmp_path / "s") == [7, 8]


@pytest.mark.parametrize(
    ("pages", "incomplete"),
    [
        ([page_of(1, following="b", total=3), page_of(2, total=3)], "things: the pages hold 2 of 3 rows"),
        ([page_of(1, following="b", total=2), page_of(2, total=1)] * 3, "things: the list changed while it was read"),
        ([page_of(1, following="b", total=9), page_of(2, total=1), page_of(1, following="b", total=2),
          page_of(2, total=2)], ""),
    ],
)  # fmt: skip
def test_a_list_that_may_lack_rows_is_not_called_whole(pages: list[Answer], incomplete: str, tmp_path: Path) -> None:
    assert walked(Wire(*pages), tmp_path / "s", feeds=(things(total=total),)).incomplete == incomplete


def test_only_what_changed_is_asked_for_where_the_feed_can_and_its_mark_is_there(tmp_path: Path) -> None:
    feeds = (things(incremental="since"),)
    done = walked(Wire(page_of()), tmp_path / "a", feeds=feeds)
    wire = Wire(page_of(5))
    again = walked(wire, tmp_path / "b", feeds=feeds, marks=dict(done.marks))
    assert wire.asked[0].param("since") == "2026-11-20T01:50:00+00:00", "ten minutes are asked for twice"
    assert not again.whole
    whole = Wire(page_of(5))
    assert walked(whole, tmp_path / "c", feeds=feeds, marks=dict(done.marks), whole=True).whole
    assert whole.asked[0].params == ()


def test_a_bookmark_leads_on_and_a_forgotten_one_asks_for_everything(tmp_path: Path) -> None:
    def first(_settings: object, start: object) -> Request:
        return Request(url=start.bookmark or f"{HERE}/all")  # type: ignore[attr-defined]

    def bookmark(page: Page) -> str:
        return str(page.document.get("delta", ""))

    feeds = (things(first=first, incremental="delta", bookmark=bookmark),)
    done = walked(Wire(page_of(1, delta=f"{HERE}/from-here")), tmp_path / "a", feeds=feeds)
    wire = Wire(page_of(2, delta=f"{HERE}/later"))
    again = walked(wire, tmp_path / "b", feeds=feeds, marks=dict(done.marks))
    assert (wire.asked[0].url, again.whole, again.marks["things"].bookmark) == (
        f"{HERE}/from-here",
        False,
        f"{HERE}/later",
    )
    wire = Wire(said({}, 410), page_of(1, 2, delta=f"{HERE}/new"))
    anew = walked(wire, tmp_path / "c", feeds=feeds, marks=dict(done.marks))
    assert (wire.asked[1].url, anew.whole) == (f"{HERE}/all", True)


def test_a_token_never_travels_to_another_host_and_a_circle_ends(tmp_path: Path) -> None:
    feeds = (things(next=by_address(at="@next")),)
    for answer, reason in (
        (said({"items": [], "@next": "https://elsewhere.example/x"}), faults.ASTRAY),
        (said({"items": [], "@next": f"{HERE}/things"}), faults.GARBLED),
    ):
        with pytest.raises(Fault) as raised:
            walked(Wire(answer, said({"items": [], "@next": f"{HERE}/things"})), tmp_path / reason, feeds=feeds)
        assert raised.value.reason == reason


def test_a_list_that_is_not_licensed_is_left_out_and_said(tmp_path: Path) -> None:
    feeds = (things(), things(id="log", title="the log", optional=True))
    done = walked(Wire(page_of(1), said({}, 403)), tmp_path / "a", feeds=feeds)
    assert (list(done.left_out), list(done.marks), done.incomplete) == (["log"], ["things"], "")
    before = {"log": Mark(began=NOW)}
    lost = walked(Wire(page_of(1), said({}, 403)), tmp_path / "b", feeds=feeds, marks=before)
    assert lost.incomplete == "log could be read before and cannot now"


def test_each_row_of_another_list_is_asked_for_once_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    each = Each(
        of="things",
        ids=lambda document: [str(row) for row in document["items"]],
        first=lambda _settings, one: Request(url=f"{HERE}/things/{one}/apps"),
        rows=lambda one, document: [{"thing": one, "app": app} for app in document["apps"]],
    )
    feeds = (things(), things(id="apps", first=None, each=each))
    answers = [said({"apps": [f"a{number}"]}) for number in range(150)]
    many = page_of(*range(150))
    with pytest.raises(Fault):
        walked(Wire(many, *answers[:120], cut(), cut(), cut(), cut()), tmp_path / "s", feeds=feeds)
    second = Wire(*answers[100:140], said({}, 404), *answers[141:])
    walked(second, tmp_path / "s", feeds=feeds)
    assert second.asked[0].url == f"{HERE}/things/100/apps", "a hundred answers are one page"
    assert [row["app"] for row in rows(tmp_path / "s", "apps")] == [  # type: ignore[index]
        f"a{number}" for number in range(150) if number != 140
    ]


@pytest.mark.parametrize(
    ("next_", "request_", "answer", "expected"),
    [
        (by_offset(limit="n", offset="o"), (("n", "2"), ("o", "4")), said({"items": [1, 2]}), {"o": "6"}),
        (by_offset(limit="n", offset="o"), (("n", "2"), ("o", "4")), said({"items": [1]}), None),
        (by_offset(limit="n", offset="o", total=total), (("n", "2"),), said({"items": [1], "total": 2}), {"o": "1"}),
        (by_offset(limit="n", offset="o", total=total), (("n", "2"),), said({"items": [], "total": 2}), None),
        (by_number(param="p", more=lambda _: True), (), said({"items": [1]}), {"p": "1"}),
        (by_number(param="p", more=lambda _: False), (), said({"items": [1]}), None),
        (by_link_header, (), said({"items": []}, link='</x?o=3>; rel="prev", </x?o=9>; rel="next"'), {"o": "9"}),
        (by_link_header, (), said({"items": []}), None),
    ],
)  # fmt: skip
def test_every_way_of_paging_leads_on_and_ends(
    next_: object, request_: tuple[tuple[str, str], ...], answer: Answer, expected: dict[str, str] | None
) -> None:
    page = Page(request=Request(url=f"{HERE}/x", params=request_), answer=answer, envelope="items")
    found = next_({}, page)  # type: ignore[operator]
    assert ({name: found.param(name) for name in expected} if expected and found else found) == expected


def test_a_link_header_is_read_whatever_stands_in_its_addresses() -> None:
    header = '<https://x.example/a;b,c?d=1>; title="a, b"; rel=next, <https://x.example/z>; rel="last first"'
    assert linked(header, rel="next") == "https://x.example/a;b,c?d=1"
    assert linked(header, rel="first") == "https://x.example/z"
