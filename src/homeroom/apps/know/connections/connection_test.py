"""Connection test: signs in, requests one page of each feed, and reports which feeds work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from homeroom.apps.know.connections.commands import decrypt_settings, get_connection
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.secret_box import SecretDecryptionError
from homeroom.domain.platform.district import District
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_session import ApiSession, RetryPolicy
from homeroom.ingest.remote.api_spec import Feed, Settings, SyncStart
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.http_transport import Send
from homeroom.library.know.api_specs import get_api_spec

QUICK_RETRY = RetryPolicy(tries=2, first_delay=0.5, max_delay=1, max_retry_after=2)
TIME_LIMIT = timedelta(seconds=25)
"""Longest time that a user waits for the test."""


@dataclass(frozen=True, kw_only=True)
class FeedTestResult:
    """Result for one feed: `well`, or the sentence that explains the error. `optional` feeds may be missing."""

    title: str
    well: bool
    sentence: str = ""
    optional: bool = False


def try_connection(
    *, district: District, name: str, send: Send, clock: Clock, actor: str, at: datetime
) -> tuple[FeedTestResult, ...]:
    """Sign in, request the first page of each enabled feed, and return a result for each. Raise UnknownConnection."""
    connection = get_connection(district=district, name=name)
    client = get_api_spec(connection.client).client
    try:
        values = decrypt_settings(connection)
    except SecretDecryptionError:
        sentence = "the secrets cannot be opened with the key that is there; enter them again"
        return (FeedTestResult(title="signing in", well=False, sentence=sentence),)
    session = ApiSession(spec=client, settings=values, send=send, clock=clock, retry_policy=QUICK_RETRY)
    feeds = [feed for feed in client.feeds if feed.first is not None and feed.id not in connection.off]
    results = _try_feeds(session, feeds, values, until=clock.now() + TIME_LIMIT, clock=clock)
    secrets = client.list_secrets(values)
    results = tuple(
        replace(result, sentence=errors.mask_secrets(result.sentence, secrets=secrets)) for result in results
    )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="try connection",
        subject_kind="connection",
        subject=name,
        detail={"well": sum(result.well for result in results), "of": len(results)},
    )
    return results


def _try_feeds(
    session: ApiSession, feeds: list[Feed], values: Settings, *, until: datetime, clock: Clock
) -> tuple[FeedTestResult, ...]:
    try:
        session.sign_in()
    except RemoteError as fault:
        return (FeedTestResult(title="signing in", well=False, sentence=fault.sentence),)
    results = [FeedTestResult(title="signing in", well=True)]
    for feed in feeds:
        if clock.now() >= until:
            results.append(
                FeedTestResult(title=feed.title, well=False, sentence="there was no time left to ask for it")
            )
        else:
            results.append(_try_feed(session, feed, values))
    return tuple(results)


def _try_feed(session: ApiSession, feed: Feed, values: Settings) -> FeedTestResult:
    try:
        if feed.first is not None:
            request = feed.first(values, SyncStart(at=session.console_time))
            session.send_request(request, title=feed.title, scopes=feed.scopes)
    except RemoteError as fault:
        return FeedTestResult(title=feed.title, well=False, sentence=fault.sentence, optional=feed.optional)
    return FeedTestResult(title=feed.title, well=True, optional=feed.optional)
