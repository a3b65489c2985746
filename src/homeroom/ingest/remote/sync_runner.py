"""Sync all streams of one console, one after the other, and pass each to the ordinary load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from homeroom.domain.progress import Progress
from homeroom.ingest.contract.connector import Connector
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.detection.package import Package
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_session import ApiSession
from homeroom.ingest.remote.api_spec import ApiSpec, Feed
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.feed_sync import SyncBookmark, SyncPlan, SyncResult, sync_feeds
from homeroom.ingest.remote.load_package import build_package, get_envelopes, group_feeds_by_stream, resolve_kinds
from homeroom.ingest.remote.spool import PageSpool

ENDING_REASONS = frozenset({errors.DENIED, errors.UNREACHABLE, errors.BUSY, errors.CANCELLED, errors.UNTRUSTED})
"""Reasons of errors that would hit every other stream as well."""


@dataclass(frozen=True, kw_only=True)
class SyncJob:
    """What to read of a console: the API spec and the connector that reads its pages.

    `bookmarks` are of earlier syncs, by feed, `full` asks for everything, `disabled_feeds` are skipped, and `folder` is
    for what is fetched.
    """

    spec: ApiSpec
    connector: Connector
    folder: Path
    bookmarks: Mapping[str, SyncBookmark] = field(default_factory=dict)
    full: bool = False
    disabled_feeds: frozenset[str] = frozenset()

    @property
    def streams(self) -> dict[str, tuple[Feed, ...]]:
        """Feeds to sync, by stream; a child feed of a disabled feed is disabled too."""
        disabled = set(self.disabled_feeds)
        disabled |= {feed.id for feed in self.spec.feeds if feed.child is not None and feed.child.parent in disabled}
        enabled = {
            stream: tuple(feed for feed in feeds if feed.id not in disabled)
            for stream, feeds in group_feeds_by_stream(self.spec, connector=self.connector).items()
        }
        return {stream: feeds for stream, feeds in enabled.items() if feeds}


@dataclass(frozen=True, kw_only=True)
class StreamResult[Loaded]:
    """Result of one stream: a sync and its load, or an error, or problems for which pages were refused.

    `loaded` is also None if a sync for changes found none.
    """

    stream: str
    sync_result: SyncResult | None = None
    loaded: Loaded | None = None
    error: RemoteError | None = None
    problems: tuple[Problem, ...] = ()


def run_sync_job[Loaded](
    job: SyncJob, *, session: ApiSession, at: datetime, progress: Progress, load: Callable[[Package], Loaded]
) -> Iterator[StreamResult[Loaded]]:
    """Sync and load each stream, and yield its result. Raise RemoteError if no other stream could do better.

    A later call continues where this one stopped. The spools stay until `remove_fetched_pages`: a stream may have child
    feeds of another one.
    """
    synced_before: dict[str, tuple[PageSpool, bool]] = {}
    left_out = set[str]()
    for stream, feeds in job.streams.items():
        missing_parents = [
            feed.child.parent
            for feed in feeds
            if feed.child is not None and not _is_available(feed.child.parent, feeds, synced_before)
        ]
        if missing_parents and left_out.issuperset(missing_parents):
            left_out |= {feed.id for feed in feeds}
            yield StreamResult(stream=stream)
            continue
        if missing_parents:
            sentence = f"{', '.join(missing_parents)} could not be read, for each of which this asks"
            yield StreamResult(stream=stream, error=RemoteError(errors.MISSING, sentence))
            continue
        spool = PageSpool(job.folder / stream)
        try:
            sync_result = sync_feeds(
                _build_plan(job, feeds, synced_before), session=session, page_spool=spool, at=at, progress=progress
            )
        except RemoteError as error:
            if error.reason in ENDING_REASONS:
                raise
            yield StreamResult(stream=stream, error=error)
            continue
        left_out |= set(sync_result.left_out)
        synced_before |= {feed.id: (spool, sync_result.full) for feed in feeds if feed.id not in sync_result.left_out}
        yield _load_stream(job, stream, feeds, sync_result, spool=spool, load=load)


def remove_fetched_pages(job: SyncJob) -> None:
    """Remove all fetched pages."""
    for stream in group_feeds_by_stream(job.spec, connector=job.connector):
        PageSpool(job.folder / stream).clear()


def _load_stream[Loaded](
    job: SyncJob,
    stream: str,
    feeds: tuple[Feed, ...],
    sync_result: SyncResult,
    *,
    spool: PageSpool,
    load: Callable[[Package], Loaded],
) -> StreamResult[Loaded]:
    readable = [feed for feed in feeds if feed.id not in sync_result.left_out]
    if not readable or (not sync_result.full and not sync_result.rows):
        return StreamResult(stream=stream, sync_result=sync_result)
    try:
        package = build_package(sync_result, feeds=readable, connector=job.connector, spool=spool)
        return StreamResult(stream=stream, sync_result=sync_result, loaded=load(package))
    except FileRefused as error:
        return StreamResult(stream=stream, sync_result=sync_result, problems=error.problems)


def _is_available(
    feed: str, same_stream: tuple[Feed, ...], synced_before: Mapping[str, tuple[PageSpool, bool]]
) -> bool:
    return feed in synced_before or any(candidate.id == feed for candidate in same_stream)


def _build_plan(job: SyncJob, feeds: tuple[Feed, ...], synced_before: Mapping[str, tuple[PageSpool, bool]]) -> SyncPlan:
    return SyncPlan(
        feeds=feeds,
        envelopes=get_envelopes(resolve_kinds(feeds, connector=job.connector)),
        full=job.full,
        bookmarks={feed.id: job.bookmarks[feed.id] for feed in feeds if feed.id in job.bookmarks},
        spools_by_feed=synced_before,
    )
