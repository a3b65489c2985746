"""Send signed requests to one console, with throttling, retries, and a new sign-in when a token expired."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import AccessToken, ApiSpec, Request, Response, Settings
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.errors import ConnectionBroken, RemoteError
from homeroom.ingest.remote.http_transport import Send

TEMPORARY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that do not depend on the request: 429 and 503 ask to wait, the others are the console's own trouble."""
SKEW_THRESHOLD = timedelta(seconds=90)
RENEW_BEFORE = timedelta(seconds=60)
_SLEEP_SLICE = 5.0
_DENIED_REASONS = (errors.DENIED,)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often one request is tried, and how long to wait in between.

    The delay is `first_delay` seconds, doubled each time, at most `max_delay`; half of it is random, so that many
    clients do not return together. A console that asks for more than `max_retry_after` ends the run, which continues at
    the time it named. A response that is not JSON is tried `garbled_tries` times.
    """

    tries: int = 8
    first_delay: float = 1.0
    max_delay: float = 60.0
    max_retry_after: float = 600.0
    garbled_tries: int = 3

    def compute_delay(self, attempt: int, chance: float) -> float:
        """Return the seconds to wait after the attempt of that number, from 0."""
        delay = min(self.max_delay, self.first_delay * 2.0**attempt)
        return delay / 2 + delay / 2 * chance


STANDARD_RETRIES = RetryPolicy()


def _is_complete_json(response: Response) -> bool:
    """Return whether a response is a complete JSON document, as token responses are; a truncated one is not."""
    try:
        return response.document is not None
    except ValueError:
        return False


def _accept_any(_response: Response) -> bool:
    return True


def _is_json(response: Response) -> bool:
    try:
        return response.document is not None
    except ValueError:
        return False


class ApiSession:
    """A session with one console. Holds the token, which is never written anywhere."""

    def __init__(
        self,
        *,
        spec: ApiSpec,
        settings: Settings,
        send: Send,
        clock: Clock,
        cancelled: Callable[[], bool] = lambda: False,
        retry_policy: RetryPolicy = STANDARD_RETRIES,
    ) -> None:
        self.spec, self.settings = spec, settings
        self._send, self._clock, self._cancelled, self._retry_policy = send, clock, cancelled, retry_policy
        self._token: AccessToken | None = None
        self._skew = timedelta()
        self._sent_at: datetime | None = None

    @property
    def console_time(self) -> datetime:
        """Current time by the console's own clock, as of its last response; this machine's if none had it."""
        return self._clock.now() + self._skew

    @property
    def skew(self) -> timedelta:
        """Time by which the console's clock is ahead of this machine's, as far as it is known."""
        return self._skew

    def send_request(
        self,
        request: Request,
        *,
        title: str,
        scopes: Collection[str] = (),
        allow: Collection[int] = (),
        is_complete: Callable[[Response], bool] = _accept_any,
    ) -> Response:
        """Send a signed request and return the response.

        `title` names what is requested, in words; `is_complete` checks whether a response is complete.

        Raises RemoteError if the status is no success and not among `allow`.
        """
        for renewed in (False, True):
            signed = replace(request, headers={**request.headers, **self._get_token().headers})
            response = self._send_with_retries(signed, title=title, is_complete=is_complete)
            if response.status == 401 and not renewed:
                self._token = None
                continue
            break
        if 200 <= response.status < 300 or response.status in allow:
            return response
        error = errors.build_status_error(response, title=title, scopes=scopes)
        if error.reason == errors.DENIED and self.spec.denied_hint:
            raise RemoteError(error.reason, f"{error.sentence}: {self.spec.denied_hint}", status=error.status)
        raise error

    def sign_in(self) -> None:
        """Sign in now. Raise RemoteError if the console does not accept the credentials."""
        self._token = None
        self._get_token()

    def _get_token(self) -> AccessToken:
        token = self._token
        if token is None or (token.expires_at is not None and self.console_time >= token.expires_at - RENEW_BEFORE):
            token = self._request_token()
        self._token = token
        return token

    def _request_token(self) -> AccessToken:
        previous_skew = self._skew
        try:
            return self.spec.authorize(self.settings, self._exchange, self.console_time)
        except RemoteError as error:
            # A signed assertion is refused if this machine's clock is wrong. The refusal has the console's time.
            if error.reason not in _DENIED_REASONS or abs(self._skew - previous_skew) < SKEW_THRESHOLD:
                raise
        return self.spec.authorize(self.settings, self._exchange, self.console_time)

    def _exchange(self, request: Request) -> Response:
        return self._send_with_retries(request, title="signing in", is_complete=_is_complete_json)

    def _send_with_retries(self, request: Request, *, title: str, is_complete: Callable[[Response], bool]) -> Response:
        reason, garbled_count, delay = "", 0, 0.0
        for attempt in range(self._retry_policy.tries):
            if attempt:
                self._wait(delay)
            delay = self._retry_policy.compute_delay(attempt, self._clock.chance())
            try:
                response = self._send_once(request)
            except ConnectionBroken as error:
                reason = str(error)
                continue
            if self._is_temporary(response):
                reason, delay = f"status {response.status}", self._get_retry_delay(response, delay, title=title)
            elif 200 <= response.status < 300 and not is_complete(response):
                garbled_count += 1
                if garbled_count == self._retry_policy.garbled_tries:
                    raise RemoteError(errors.GARBLED, f"{title}: the answer is not what the console should give")
            else:
                return response
        raise RemoteError(
            errors.UNREACHABLE, f"{title}: the console did not answer well {self._retry_policy.tries} times ({reason})"
        )

    def _is_temporary(self, response: Response) -> bool:
        return response.status in TEMPORARY_STATUSES or self.spec.is_throttled(response)

    def _send_once(self, request: Request) -> Response:
        if self._cancelled():
            raise RemoteError(errors.CANCELLED, "stopped by a person")
        self._keep_interval()
        response = self._send(request, self.spec.max_page_bytes)
        server_time = _parse_date(response.headers.get("date", ""))
        if server_time is not None:
            self._skew = server_time - self._clock.now()
        return response

    def _keep_interval(self) -> None:
        """Wait until the console's least time between two requests has passed."""
        interval = self.spec.request_interval
        if interval and self._sent_at is not None:
            passed = self._clock.now() - self._sent_at
            self._wait(min(interval, interval - passed).total_seconds())
        self._sent_at = self._clock.now()

    def _get_retry_delay(self, response: Response, default: float, *, title: str) -> float:
        """Return the seconds to wait by the header Retry-After, in seconds or as a date by the console's clock.

        Source: RFC 9110, section 10.2.3. Raises RemoteError if the wait exceeds `max_retry_after`.
        """
        header = response.headers.get("retry-after", "").strip()
        seconds = default
        if header.isascii() and header.isdigit():
            seconds = float(header[:9])
        elif (retry_at := _parse_date(header)) is not None:
            seconds = max(0.0, (retry_at - self.console_time).total_seconds())
        if seconds > self._retry_policy.max_retry_after:
            retry_at = self._clock.now() + timedelta(seconds=seconds)
            raise RemoteError(
                errors.BUSY, f"{title}: the console asks to come back later", status=response.status, retry_at=retry_at
            )
        return seconds

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            if self._cancelled():
                raise RemoteError(errors.CANCELLED, "stopped by a person")
            self._clock.sleep(min(seconds, _SLEEP_SLICE))
            seconds -= _SLEEP_SLICE


def _parse_date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
