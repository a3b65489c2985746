"""A sync stores every page, resumes where it stopped, and never reports a list as complete that may lack rows."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import ChildFeed, Feed, FeedPage, Request, Response
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.feed_sync import SyncBookmark, SyncPlan, SyncResult, sync_feeds
from homeroom.ingest.remote.pagination import (
    find_link,
    page_by_link_header,
    page_by_number,
    page_by_offset,
    page_by_url,
)
from homeroom.ingest.remote.spool import PageSpool
from tests.unit.ingest.remote.fake_console import (
    CONSOLE_URL,
    NOW,
    SECRET,
    FakeClock,
    FakeConsole,
    break_connection,
    build_api_spec,
    build_feed,
    build_response,
    build_session,
    get_total,
)


def run_feed_sync(
    console: FakeConsole,
    folder: Path,
    *,
    feeds: tuple[Feed, ...] = (),
    full: bool = False,
    bookmarks: dict[str, SyncBookmark] | None = None,
) -> SyncResult:
    chosen = feeds or (build_feed(),)
    plan = SyncPlan(feeds=chosen, envelopes={feed.id: "items" for feed in chosen}, full=full, bookmarks=bookmarks or {})
    session = build_session(console, FakeClock(), spec=build_api_spec(*chosen))
    return sync_feeds(plan, session=session, page_spool=PageSpool(folder), at=NOW, progress=lambda *_: None)


def read_stored_rows(folder: Path, feed: str = "things") -> list[object]:
    return [row for page in PageSpool(folder).list_pages(feed) for row in json.loads(page.read_bytes())["items"]]


def build_page(*items: object, next_token: str = "", **extra: object) -> Response:
    return build_response({"items": list(items), "next": next_token, **extra})


def test_an_interrupted_walk_goes_on_at_the_page_where_it_stopped(tmp_path: Path) -> None:
    first = FakeConsole(
        build_page(1, 2, next_token="b"),
        build_page(3, next_token="c"),
        break_connection(),
        break_connection(),
        break_connection(),
        break_connection(),
    )
    with pytest.raises(RemoteError) as caught:
        run_feed_sync(first, tmp_path / "s")
    assert caught.value.is_temporary
    second = FakeConsole(build_page(4))
    result = run_feed_sync(second, tmp_path / "s")
    assert [request.get_param("page") for request in second.requests] == ["c"]
    assert (read_stored_rows(tmp_path / "s"), result.rows, result.pages, result.full, result.incomplete) == (
        [1, 2, 3, 4],
        4,
        3,
        True,
        "",
    )


def test_what_is_kept_is_its_owner_s_alone_and_holds_nothing_but_rows(tmp_path: Path) -> None:
    run_feed_sync(FakeConsole(build_page({"n": "1.50"}, secret=SECRET)), tmp_path / "s")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "s").rglob("*.json"))
    assert SECRET.encode() not in stored
    assert b"Bearer" not in stored
    if sys.platform != "win32":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "s", *(tmp_path / "s").rglob("*")]}
        assert modes == {0o700, 0o600}


def test_a_page_whose_address_is_forgotten_begins_the_walk_again(tmp_path: Path) -> None:
    with pytest.raises(RemoteError):
        run_feed_sync(
            FakeConsole(
                build_page(1, next_token="b"),
                break_connection(),
                break_connection(),
                break_connection(),
                break_connection(),
            ),
            tmp_path / "s",
        )
    run_feed_sync(FakeConsole(build_response({}, 400), build_page(7, next_token="z"), build_page(8)), tmp_path / "s")
    assert read_stored_rows(tmp_path / "s") == [7, 8]


@pytest.mark.parametrize(
    ("pages", "incomplete"),
    [
        ([build_page(1, next_token="b", total=3), build_page(2, total=3)], "things: the pages hold 2 of 3 rows"),
        ([build_page(1, next_token="b", total=2), build_page(2, total=1)] * 3, "things: the list changed while it "
                                                                               "was read"),
        ([build_page(1, next_token="b", total=9), build_page(2, total=1), build_page(1, next_token="b", total=2),
          build_page(2, total=2)], ""),
    ],
)  # fmt: skip
def test_a_list_that_may_lack_rows_is_not_called_whole(pages: list[Response], incomplete: str, tmp_path: Path) -> None:
    assert (
        run_feed_sync(FakeConsole(*pages), tmp_path / "s", feeds=(build_feed(total=get_total),)).incomplete
        == incomplete
    )


def test_only_what_changed_is_asked_for_where_the_feed_can_and_its_mark_is_there(tmp_path: Path) -> None:
    feeds = (build_feed(incremental="since"),)
    first_sync = run_feed_sync(FakeConsole(build_page()), tmp_path / "a", feeds=feeds)
    console = FakeConsole(build_page(5))
    second_sync = run_feed_sync(console, tmp_path / "b", feeds=feeds, bookmarks=dict(first_sync.bookmarks))
    assert console.requests[0].get_param("since") == "2026-11-20T01:50:00+00:00", "ten minutes are asked for twice"
    assert not second_sync.full
    full_console = FakeConsole(build_page(5))
    assert run_feed_sync(
        full_console, tmp_path / "c", feeds=feeds, bookmarks=dict(first_sync.bookmarks), full=True
    ).full
    assert full_console.requests[0].params == ()


def test_a_bookmark_leads_on_and_a_forgotten_one_asks_for_everything(tmp_path: Path) -> None:
    def build_first_request(_settings: object, start: object) -> Request:
        return Request(url=start.bookmark or f"{CONSOLE_URL}/all")  # type: ignore[attr-defined]

    def get_bookmark(page: FeedPage) -> str:
        return str(page.document.get("delta", ""))

    feeds = (build_feed(first=build_first_request, incremental="delta", bookmark=get_bookmark),)
    first_sync = run_feed_sync(
        FakeConsole(build_page(1, delta=f"{CONSOLE_URL}/from-here")), tmp_path / "a", feeds=feeds
    )
    console = FakeConsole(build_page(2, delta=f"{CONSOLE_URL}/later"))
    second_sync = run_feed_sync(console, tmp_path / "b", feeds=feeds, bookmarks=dict(first_sync.bookmarks))
    assert (console.requests[0].url, second_sync.full, second_sync.bookmarks["things"].bookmark) == (
        f"{CONSOLE_URL}/from-here",
        False,
        f"{CONSOLE_URL}/later",
    )
    console = FakeConsole(build_response({}, 410), build_page(1, 2, delta=f"{CONSOLE_URL}/new"))
    full_sync = run_feed_sync(console, tmp_path / "c", feeds=feeds, bookmarks=dict(first_sync.bookmarks))
    assert (console.requests[1].url, full_sync.full) == (f"{CONSOLE_URL}/all", True)


def test_a_token_never_travels_to_another_host_and_a_circle_ends(tmp_path: Path) -> None:
    feeds = (build_feed(next=page_by_url(path="@next")),)
    for response, reason in (
        (build_response({"items": [], "@next": "https://elsewhere.example/x"}), errors.ASTRAY),
        (build_response({"items": [], "@next": f"{CONSOLE_URL}/things"}), errors.GARBLED),
    ):
        with pytest.raises(RemoteError) as caught:
            run_feed_sync(
                FakeConsole(response, build_response({"items": [], "@next": f"{CONSOLE_URL}/things"})),
                tmp_path / reason,
                feeds=feeds,
            )
        assert caught.value.reason == reason


def test_a_list_that_is_not_licensed_is_left_out_and_said(tmp_path: Path) -> None:
    feeds = (build_feed(), build_feed(id="log", title="the log", optional=True))
    first_sync = run_feed_sync(FakeConsole(build_page(1), build_response({}, 403)), tmp_path / "a", feeds=feeds)
    assert (list(first_sync.left_out), list(first_sync.bookmarks), first_sync.incomplete) == (["log"], ["things"], "")
    before = {"log": SyncBookmark(began=NOW)}
    second_sync = run_feed_sync(
        FakeConsole(build_page(1), build_response({}, 403)), tmp_path / "b", feeds=feeds, bookmarks=before
    )
    assert second_sync.incomplete == "log could be read before and cannot now"


def test_each_row_of_another_list_is_asked_for_once_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    child = ChildFeed(
        parent="things",
        ids=lambda document: [str(row) for row in document["items"]],
        first=lambda _settings, row_id: Request(url=f"{CONSOLE_URL}/things/{row_id}/apps"),
        rows=lambda row_id, document: [{"thing": row_id, "app": app} for app in document["apps"]],
    )
    feeds = (build_feed(), build_feed(id="apps", first=None, child=child))
    responses = [build_response({"apps": [f"a{number}"]}) for number in range(150)]
    parent_page = build_page(*range(150))
    with pytest.raises(RemoteError):
        run_feed_sync(
            FakeConsole(
                parent_page,
                *responses[:120],
                break_connection(),
                break_connection(),
                break_connection(),
                break_connection(),
            ),
            tmp_path / "s",
            feeds=feeds,
        )
    second = FakeConsole(*responses[100:140], build_response({}, 404), *responses[141:])
    run_feed_sync(second, tmp_path / "s", feeds=feeds)
    assert second.requests[0].url == f"{CONSOLE_URL}/things/100/apps", "a hundred answers are one page"
    assert [row["app"] for row in read_stored_rows(tmp_path / "s", "apps")] == [  # type: ignore[index]
        f"a{number}" for number in range(150) if number != 140
    ]


@pytest.mark.parametrize(
    ("next_", "request_", "answer", "expected"),
    [
        (page_by_offset(limit="n", offset="o"), (("n", "2"), ("o", "4")), build_response({"items": [1, 2]}), {"o": "6"}),
        (page_by_offset(limit="n", offset="o"), (("n", "2"), ("o", "4")), build_response({"items": [1]}), None),
        (page_by_offset(limit="n", offset="o", total=get_total), (("n", "2"),), build_response({"items": [1], "total": 2}), {"o": "1"}),
        (page_by_offset(limit="n", offset="o", total=get_total), (("n", "2"),), build_response({"items": [], "total": 2}), None),
        (page_by_number(param="p", has_more=lambda _: True), (), build_response({"items": [1]}), {"p": "1"}),
        (page_by_number(param="p", has_more=lambda _: False), (), build_response({"items": [1]}), None),
        (page_by_link_header, (), build_response({"items": []}, link='</x?o=3>; rel="prev", </x?o=9>; '
                                                                     'rel="next"'), {"o": "9"}),
        (page_by_link_header, (), build_response({"items": []}), None),
    ],
)  # fmt: skip
def test_every_way_of_paging_leads_on_and_ends(
    next_: object, request_: tuple[tuple[str, str], ...], answer: Response, expected: dict[str, str] | None
) -> None:
    page = FeedPage(request=Request(url=f"{CONSOLE_URL}/x", params=request_), response=answer, envelope="items")
    following = next_({}, page)  # type: ignore[operator]
    assert ({name: following.get_param(name) for name in expected} if expected and following else following) == expected


def test_a_link_header_is_read_whatever_stands_in_its_addresses() -> None:
    header = '<https://x.example/a;b,c?d=1>; title="a, b"; rel=next, <https://x.example/z>; rel="last first"'
    assert find_link(header, rel="next") == "https://x.example/a;b,c?d=1"
    assert find_link(header, rel="first") == "https://x.example/z"
