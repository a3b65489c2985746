"""What a client is: a frozen description of the requests that read one console. It sends nothing itself.

A connector that can be asked over the network has a `client.py` beside its `reading.py`; every Client in it is found by being
there. The engine (`walking.py`) sends what the client describes, keeps each page on disk, and hands whole walks to the ordinary
load, so that a page is read by the reader of its kind of file and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

Settings = Mapping[str, str]
"""What a district entered, by the name of the Field; every declared field is there, empty where nothing was said."""
Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that a person enters to connect. A secret is stored encrypted and never shown again.

    `long` asks for several lines, as a key file has; `address` is an address that begins with https://. `choices` are the words that fit, where only some do. `example` is
    shown beside an empty field, `default` stands where nothing is entered.
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
    """One request. `url` is absolute; `params` are added to its query, a name may stand twice. `form` is sent as a form's
    fields, `json` as a JSON document; the engine adds the token's headers."""

    url: str
    method: str = "GET"
    params: Params = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Any = None

    def asking(self, **params: str) -> Request:
        """The same request with these params instead of those of the same names."""
        kept = tuple(pair for pair in self.params if pair[0] not in params)
        return replace(self, params=(*kept, *params.items()))

    def param(self, name: str) -> str:
        """The last value of a param, also where it stands in the address itself, or empty text."""
        in_address = parse_qsl(urlsplit(self.url).query, keep_blank_values=True)
        return dict((*in_address, *self.params)).get(name, "")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def document(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a feed: the request that brought it, the answer, and `envelope`, the name of the list that holds its rows
    (empty where the answer itself is the list)."""

    request: Request
    answer: Answer
    envelope: str = ""

    @property
    def document(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return self.answer.document

    @property
    def rows(self) -> list[Any]:
        """The rows of the page; an empty list where it has none."""
        found = self.document.get(self.envelope) if isinstance(self.document, dict) else self.document
        return found if isinstance(found, list) else []

    def header(self, name: str) -> str:
        """A header's value, or empty text."""
        return self.answer.headers.get(name.lower(), "")


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a walk starts. `at` is the time now by the console's own clock (UTC). `since`, by the same clock, is when the last
    whole walk began, less the feed's overlap; None asks for everything. `bookmark` is what the last walk's `Feed.bookmark` gave,
    or empty text."""

    at: datetime
    since: datetime | None = None
    bookmark: str = ""


@dataclass(frozen=True, kw_only=True)
class Token:
    """What signs requests: headers to add, and until when they are good by the clock that `authorise` was given (None: no end
    is known). Lives in memory alone."""

    headers: Mapping[str, str]
    expires_at: datetime | None = None


Exchange = Callable[[Request], Answer]
"""Sends a request without a token, tries again what is worth it, and gives the answer whatever its status is."""
Authorise = Callable[[Settings, Exchange, datetime], Token]
"""Signs in. The time is the console's own, as far as it is known. Raises `faults.Fault` (`faults.denied`) where refused."""


@dataclass(frozen=True, kw_only=True)
class Each:
    """A feed that asks once for each row of another feed, such as the apps of every user.

    `of` is the other feed's id (of the same client, before it; its stream may be another one). `ids` gives the ids in one of its pages' documents (which
    hold nothing but rows, in the kind's envelope). `first` is the request for one id, `rows` what its answer's document adds to
    the page that is kept. An answer with a status in `gone` adds nothing: the row went meanwhile.
    """

    of: str
    ids: Callable[[Any], Sequence[str]]
    first: Callable[[Settings, str], Request]
    rows: Callable[[str, Any], Sequence[Any]]
    gone: tuple[int, ...] = (404, 410)


def _no_next(_settings: Settings, _page: Page) -> Request | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One list that a console gives, page by page, as files of one kind.

    `kind` is the id of the kind of file (form json) whose reader reads the pages. Feeds whose kinds are of one stream are
    walked and loaded together. `scopes` are the rights that it takes, the least that do. `first` is its first request, `next` the
    one after a page, or None. Either `first` or `each` is given.

    `incremental`: "none" walks the whole list each time; "since" can ask for what changed after `Start.since`; "delta" goes on
    from `Start.bookmark`, which `bookmark` takes from the last page that gives one. Such walks are laid over what stands, and
    nothing is gone because they lack it; whole walks, which show what is gone, are made as well (`Client.whole_every`).
    `overlap` is asked for twice, for rows that a console shows late. `total` is how many rows the whole list has, where a page
    says so: a walk that ends with fewer is not whole. `lacks_when_empty` is true where a page without rows lacks its envelope.
    `shape` gives the rows to keep where those of the page need another form. `optional`: where it is refused (403, 404), as
    without a licence for it, the others are read all the same.
    """

    id: str
    title: str
    kind: str
    scopes: tuple[str, ...] = ()
    first: Callable[[Settings, Start], Request] | None = None
    next: Callable[[Settings, Page], Request | None] = _no_next
    each: Each | None = None
    incremental: str = "none"
    bookmark: Callable[[Page], str] | None = None
    overlap: timedelta = timedelta(minutes=10)
    total: Callable[[Page], int | None] | None = None
    shape: Callable[[Page], Sequence[Any]] | None = None
    lacks_when_empty: bool = False
    optional: bool = False


def _busy(answer: Answer) -> bool:
    return answer.status == 429


@dataclass(frozen=True, kw_only=True)
class Client:
    """How to read one console.

    `name` is unique among all clients and usually the connector's. `settings` are what a person enters, `grant` the steps by
    which an administrator of the console gives the least rights that do, one sentence each. `throttled` knows an answer that
    only says "slower" (429 always is one; Google's 403 `rateLimitExceeded` is another). `page_bytes` bounds one answer.
    """

    name: str
    title: str
    settings: tuple[Field, ...]
    authorise: Authorise
    feeds: tuple[Feed, ...]
    grant: tuple[str, ...] = ()
    throttled: Callable[[Answer], bool] = _busy
    whole_every: timedelta = timedelta(days=7)
    page_bytes: int = 64 << 20

    def feed(self, feed_id: str) -> Feed:
        """The feed of that id. Raises KeyError."""
        return next((one for one in self.feeds if one.id == feed_id), None) or _unknown(feed_id)

    def complete(self, entered: Settings) -> dict[str, str]:
        """Every declared setting: what was entered, else its default, without blanks around it."""
        return {one.name: (entered.get(one.name) or "").strip() or one.default for one in self.settings}

    def secrets(self, settings: Settings) -> tuple[str, ...]:
        """The values that nobody may see."""
        return tuple(settings[one.name] for one in self.settings if one.secret and settings.get(one.name))


def _unknown(feed_id: str) -> Feed:
    raise KeyError(feed_id)
