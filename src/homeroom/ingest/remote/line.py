"""A signed line to one console: asks, waits where it is told to, tries again what passes, and signs in anew where a token ended."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from homeroom.ingest.remote import faults
from homeroom.ingest.remote.client import Answer, Client, Request, Settings, Token
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.faults import Cut, Fault
from homeroom.ingest.remote.sending import Send

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that say nothing about the request: 429 and 503 ask for patience, the others are the console's own trouble."""
SKEWED = timedelta(seconds=90)
EARLY = timedelta(seconds=60)
_SLICE = 5.0
_REFUSES = (faults.DENIED,)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often one request is tried, and how long is waited between: `first` seconds, twice as long each time, `most` at most,
    of which half is left to chance so that many do not come back together. A console that asks for more than `longest` ends the
    run, which goes on when it said. An answer that is no JSON is tried `garbled` times."""

    tries: int = 8
    first: float = 1.0
    most: float = 60.0
    longest: float = 600.0
    garbled: int = 3

    def pause(self, attempt: int, chance: float) -> float:
        """Seconds to wait after the attempt of that number, from 0."""
        whole = min(self.most, self.first * 2.0**attempt)
        return whole / 2 + whole / 2 * chance


STANDARD = Patience()


def _whole(answer: Answer) -> bool:
    """Whether an answer is a whole JSON document, as those are that give tokens: one that was cut off is none."""
    try:
        return answer.document is not None
    except ValueError:
        return False


def _good(_answer: Answer) -> bool:
    return True


def _is_json(answer: Answer) -> bool:
    try:
        return answer.document is not None
    except ValueError:
        return False


class Line:
    """One line to one console. Holds the token, which is never written anywhere."""

    def __init__(
        self,
        *,
        client: Client,
        settings: Settings,
        send: Send,
        clock: Clock,
        cancelled: Callable[[], bool] = lambda: False,
        patience: Patience = STANDARD,
    ) -> None:
        self.client, self.settings = client, settings
        self._send, self._clock, self._cancelled, self._patience = send, clock, cancelled, patience
        self._token: Token | None = None
        self._skew = timedelta()

    @property
    def console_time(self) -> datetime:
        """The time now by the console's own clock, as its last answer said; this machine's where none did."""
        return self._clock.now() + self._skew

    @property
    def skew(self) -> timedelta:
        """How far the console's clock is ahead of this machine's, as far as it is known."""
        return self._skew

    def ask(
        self,
        request: Request,
        *,
        asked: str,
        scopes: Collection[str] = (),
        allow: Collection[int] = (),
        good: Callable[[Answer], bool] = _good,
    ) -> Answer:
        """The answer to a signed request. `asked` is what is asked for, in words; `good` says whether an answer came whole.

        Raises Fault, where the status is no success and not among `allow`.
        """
        for renewed in (False, True):
            signed = replace(request, headers={**request.headers, **self._signed().headers})
            answer = self._tried(signed, asked=asked, good=good)
            if answer.status == 401 and not renewed:
                self._token = None
                continue
            break
        if 200 <= answer.status < 300 or answer.status in allow:
            return answer
        raise faults.of_status(answer, asked=asked, scopes=scopes)

    def sign(self) -> None:
        """Signs in now. Raises Fault where the console does not take the credentials."""
        self._token = None
        self._signed()

    def _signed(self) -> Token:
        token = self._token
        if token is None or (token.expires_at is not None and self.console_time >= token.expires_at - EARLY):
            token = self._authorised()
        self._token = token
        return token

    def _authorised(self) -> Token:
        believed = self._skew
        try:
            return self.client.authorise(self.settings, self._exchange, self.console_time)
        except Fault as fault:
            # A signed assertion is refused where this machine's clock is wrong. The refusal says what time it is there.
            if fault.reason not in _REFUSES or abs(self._skew - believed) < SKEWED:
                raise
        return self.client.authorise(self.settings, self._exchange, self.console_time)

    def _exchange(self, request: Request) -> Answer:
        return self._tried(request, asked="signing in", good=_whole)

    def _tried(self, request: Request, *, asked: str, good: Callable[[Answer], bool]) -> Answer:
        said, garbled, wait = "", 0, 0.0
        for attempt in range(self._patience.tries):
            if attempt:
                self._wait(wait)
            wait = self._patience.pause(attempt, self._clock.chance())
            try:
                answer = self._sent(request)
            except Cut as cut:
                said = str(cut)
                continue
            if self._passing(answer):
                said, wait = f"status {answer.status}", self._told_to_wait(answer, wait, asked=asked)
            elif 200 <= answer.status < 300 and not good(answer):
                garbled += 1
                if garbled == self._patience.garbled:
                    raise Fault(faults.GARBLED, f"{asked}: the answer is not what the console should give")
            else:
                return answer
        raise Fault(
            faults.UNREACHABLE, f"{asked}: the console did not answer well {self._patience.tries} times ({said})"
        )

    def _passing(self, answer: Answer) -> bool:
        return answer.status in PASSING or self.client.throttled(answer)

    def _sent(self, request: Request) -> Answer:
        if self._cancelled():
            raise Fault(faults.CANCELLED, "stopped by a person")
        answer = self._send(request, self.client.page_bytes)
        there = _date(answer.headers.get("date", ""))
        if there is not None:
            self._skew = there - self._clock.now()
        return answer

    def _told_to_wait(self, answer: Answer, otherwise: float, *, asked: str) -> float:
        """Seconds to wait: as the header Retry-After says, in seconds or as a date by the console's clock (RFC 9110, 10.2.3)."""
        said = answer.headers.get("retry-after", "").strip()
        seconds = otherwise
        if said.isascii() and said.isdigit():
            seconds = float(said[:9])
        elif (until := _date(said)) is not None:
            seconds = max(0.0, (until - self.console_time).total_seconds())
        if seconds > self._patience.longest:
            until = self._clock.now() + timedelta(seconds=seconds)
            raise Fault(faults.BUSY, f"{asked}: the console asks to come back later", status=answer.status, until=until)
        return seconds

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            if self._cancelled():
                raise Fault(faults.CANCELLED, "stopped by a person")
            self._clock.sleep(min(seconds, _SLICE))
            seconds -= _SLICE


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
