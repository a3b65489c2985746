"""API specs: frozen descriptions of the requests that read one console. They send nothing themselves.

A connector that can be read over the network has a module of API specs beside its readers; every ApiSpec in it is found
by being there. The sync engine sends what the spec describes, stores each page on disk, and passes finished syncs to
the ordinary load, so that a page is read by the reader of its kind of file and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from homeroom.ingest.json_files.nesting import decode_json

Settings = Mapping[str, str]
"""Values that a district entered, by the name of the SettingField.

Every declared field is there, empty if nothing was entered.
"""
Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SettingField:
    """One value that a person enters to connect. A secret is stored encrypted and never shown again.

    `long` asks for several lines, as a key file has; `address` is a URL that begins with https://. `choices` are the
    allowed values, if limited. `example` is shown beside an empty field, `default` is used if nothing is entered.
    """

    name: str
    title: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    example: str = ""
    long: bool = False
    address: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request.

    `url` is absolute; `params` are added to its query, and a name may repeat. `form` is sent as form fields, `json` as
    a JSON document; the engine adds the token's headers.
    """

    url: str
    method: str = "GET"
    params: Params = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Any = None

    def replace_params(self, **params: str) -> Request:
        """Return a copy of the request with these params in place of those with the same names."""
        remaining_params = tuple(pair for pair in self.params if pair[0] not in params)
        return replace(self, params=(*remaining_params, *params.items()))

    def get_param(self, name: str) -> str:
        """Return the last value of a param, from `params` or the URL itself, or empty text."""
        in_address = parse_qsl(urlsplit(self.url).query, keep_blank_values=True)
        return dict((*in_address, *self.params)).get(name, "")


@dataclass(frozen=True, kw_only=True)
class Response:
    """A complete response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def document(self) -> Any:
        """Body as JSON. Raises ValueError if it is not, or nested too deep."""
        return decode_json(self.body)


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """One page of a feed: its request, the response, and `envelope`, the name of the list that holds its rows.

    `envelope` is empty if the response itself is the list.
    """

    request: Request
    response: Response
    envelope: str = ""

    @property
    def document(self) -> Any:
        """Body as JSON. Raises ValueError if it is not."""
        return self.response.document

    @property
    def rows(self) -> list[Any]:
        """Rows of the page; an empty list if it has none."""
        rows = self.document.get(self.envelope) if isinstance(self.document, dict) else self.document
        return rows if isinstance(rows, list) else []

    @property
    def sent_at(self) -> datetime | None:
        """Time of the response by the console's own clock (UTC); None if it has none."""
        try:
            sent = parsedate_to_datetime(self.get_header("date"))
        except ValueError:
            return None
        return sent.astimezone(UTC) if sent.tzinfo else sent.replace(tzinfo=UTC)

    def get_header(self, name: str) -> str:
        """Return a header's value, or empty text."""
        return self.response.headers.get(name.lower(), "")


@dataclass(frozen=True, kw_only=True)
class SyncStart:
    """Where a sync starts.

    `at` is the time now by the console's own clock (UTC). `since`, by the same clock, is when the last complete sync
    began, minus the feed's overlap; None asks for everything. `bookmark` is what the last sync's `Feed.bookmark`
    returned, or empty text.
    """

    at: datetime
    since: datetime | None = None
    bookmark: str = ""


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """Headers that sign requests, and when they expire by the clock that `authorize` was given (None if unknown).

    It is in memory only.
    """

    headers: Mapping[str, str]
    expires_at: datetime | None = None


Exchange = Callable[[Request], Response]
"""Sends a request without a token, with retries, and returns the response whatever its status."""
Authorize = Callable[[Settings, Exchange, datetime], AccessToken]
"""Signs in. Raises RemoteError if refused (`build_denied_error`).

The time is the console's own, as far as it is known.
"""


@dataclass(frozen=True, kw_only=True)
class ChildFeed:
    """A feed that sends one request for each row of another feed, such as the apps of every user.

    `parent` is the other feed's id (of the same spec, before it; its stream may differ). `ids` returns the ids in one
    of its pages' documents (which hold only rows, in the kind's envelope). `first` is the request for one id, `rows`
    returns what its response's document adds to the stored page. A response with a status in `missing_statuses` adds
    nothing: the row was deleted meanwhile.
    """

    parent: str
    ids: Callable[[Any], Sequence[str]]
    first: Callable[[Settings, str], Request]
    rows: Callable[[str, Any], Sequence[Any]]
    missing_statuses: tuple[int, ...] = (404, 410)


def _end_paging(_settings: Settings, _page: FeedPage) -> Request | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One list of a console, read page by page as files of one kind.

    `kind` is the id of the kind of file (form json) whose reader reads the pages. Feeds whose kinds share a stream are
    synced and loaded together. `scopes` are the least permissions that suffice. `first` returns its first request,
    `next` the one after a page, or None. Either `first` or `child` is given.

    `incremental`: "none" reads the entire list each time; "since" can ask for what changed after `SyncStart.since`;
    "delta" continues from `SyncStart.bookmark`, which `bookmark` takes from the last page that has one. Such syncs are
    overlaid on the current rows, and show nothing as gone; full syncs, which do, run as well
    (`ApiSpec.full_sync_interval`). `overlap` is requested twice, for rows that a console shows late; now and then so
    much as `late` is, for those that come later still. `log` is true of what is read every few minutes, apart from the
    lists. `total` returns
    how many rows the entire list has, if a page states it: a sync that ends with fewer is incomplete.
    `lacks_when_empty` is true if a page without rows lacks its envelope. `shape` returns the rows to store if those of
    the page need another form. `optional`: if it is refused (403, 404), as without a license for it, the other feeds
    are still read.
    """

    id: str
    title: str
    kind: str
    scopes: tuple[str, ...] = ()
    first: Callable[[Settings, SyncStart], Request] | None = None
    next: Callable[[Settings, FeedPage], Request | None] = _end_paging
    child: ChildFeed | None = None
    incremental: str = "none"
    bookmark: Callable[[FeedPage], str] | None = None
    overlap: timedelta = timedelta(minutes=10)
    late: timedelta = timedelta()
    log: bool = False
    total: Callable[[FeedPage], int | None] | None = None
    shape: Callable[[FeedPage], Sequence[Any]] | None = None
    lacks_when_empty: bool = False
    optional: bool = False


def _is_rate_limited(response: Response) -> bool:
    return response.status == 429


@dataclass(frozen=True, kw_only=True)
class ApiSpec:
    """How to read one console.

    `name` is unique among all specs and usually the connector's. `settings` are what a person enters, `grant` the steps
    by which an administrator of the console grants the least permissions that suffice, one sentence each.
    `denied_hint` is what to check if the console does not accept the credentials.
    `is_throttled` recognizes responses that only ask to slow down (429 always does; Google's 403 `rateLimitExceeded` is
    another). `request_interval` is the least time between two requests to a console that limits them by the minute.
    `max_page_bytes` limits one response.
    """

    name: str
    title: str
    settings: tuple[SettingField, ...]
    authorize: Authorize
    feeds: tuple[Feed, ...]
    grant: tuple[str, ...] = ()
    denied_hint: str = ""
    is_throttled: Callable[[Response], bool] = _is_rate_limited
    full_sync_interval: timedelta = timedelta(days=7)
    request_interval: timedelta = timedelta()
    max_page_bytes: int = 64 << 20

    def get_feed(self, feed_id: str) -> Feed:
        """Return the feed of that id. Raise KeyError."""
        return next((feed for feed in self.feeds if feed.id == feed_id), None) or _raise_unknown_feed(feed_id)

    def apply_defaults(self, values: Settings) -> dict[str, str]:
        """Return every declared setting: the entered value or its default, stripped of surrounding blanks."""
        return {setting.name: (values.get(setting.name) or "").strip() or setting.default for setting in self.settings}

    def list_secrets(self, settings: Settings) -> tuple[str, ...]:
        """Return the values that must never be shown."""
        return tuple(
            settings[setting.name] for setting in self.settings if setting.secret and settings.get(setting.name)
        )


def _raise_unknown_feed(feed_id: str) -> Feed:
    raise KeyError(feed_id)
