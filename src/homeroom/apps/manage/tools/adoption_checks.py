"""The check before a tool is adopted: the tool, its agreement, the data that it may read, and the devices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import duckdb

from homeroom.apps.manage.tools.agreement_checks import check_agreement
from homeroom.apps.manage.tools.device_fit import judge_fit
from homeroom.apps.manage.tools.queries import ToolsNotResolved, load_tool_content
from homeroom.domain.manage.tools.adoption import AgreementCheck, DeviceFit, ToolCheck
from homeroom.domain.suggestions import suggest_names
from homeroom.engines.manage.tools.check_tool import SOURCES, check_tool
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.query.session import open_session

MAX_NAME = 200
CACHED_CHECKS = 128


class CheckRefused(ValueError):
    """A check cannot be made of a name or a capability; the message states what would fit."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class AdoptionCheck:
    """The check of one name on a day. `fits` is by program of the tool whose needs are known."""

    today: date
    tool: ToolCheck
    agreement: AgreementCheck
    fits: tuple[DeviceFit, ...]


def run_adoption_check(*, store: EvidenceStore, text: str, does: Collection[str] = (), today: date) -> AdoptionCheck:
    """Check a tool by a name. Raise CheckRefused, and ToolsNotResolved if nothing was resolved yet."""
    name, wanted = clean_question(text, does)
    newest = store.get_latest_derived()
    if newest is None or "tools" not in newest.tables:
        raise ToolsNotResolved("nothing was loaded yet; run homeroom load, then homeroom assess")
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        return _check(session, text=name, does=wanted, today=today)


def load_adoption_check(
    *, store: EvidenceStore, text: str, does: Collection[str] = (), today: date
) -> AdoptionCheck | None:
    """Load the check of a name for a page; None if nothing was resolved yet. Raise CheckRefused, and QueryTimeout."""
    name, wanted = clean_question(text, does)
    newest = store.get_latest_derived()
    if newest is None or "tools" not in newest.tables:
        return None
    pinned_to = f"{newest.id}/{store.compute_sources_id()}"
    try:
        return _load_cached(_StoreKey(store, pinned_to), newest.id, name, wanted, today)
    except NoSuchLoad:
        return None


def clean_question(text: str, does: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return a name without odd blanks, and the capabilities in order. Raise CheckRefused."""
    name = " ".join(text.split())
    if not any(letter.isalnum() for letter in name):
        raise CheckRefused("name", f"{text[:40]!r} is no name; the name of a product would fit")
    if len(name) > MAX_NAME:
        raise CheckRefused("name", f"a name of at most {MAX_NAME} characters would fit")
    capabilities = load_tool_content().capabilities
    for capability in does:
        if capability not in capabilities:
            near = suggest_names(capability, capabilities)
            raise CheckRefused("does", f"{capability[:60]!r} is no capability; {near} would fit")
    return name, tuple(sorted(set(does)))


class _StoreKey:
    """A store with what it is pinned to, equal to another of the same folder and files, as the key of a cache."""

    def __init__(self, store: EvidenceStore, pinned_to: str) -> None:
        self.store = store
        self.snapshot_id = f"{store.folder}/{pinned_to}/tool checks"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _StoreKey) and other.snapshot_id == self.snapshot_id

    def __hash__(self) -> int:
        return hash(self.snapshot_id)


@lru_cache(maxsize=CACHED_CHECKS)
def _load_cached(key: _StoreKey, derived: str, text: str, does: tuple[str, ...], today: date) -> AdoptionCheck:
    return query_executor().run(
        snapshot_id=key.snapshot_id,
        pin=lambda: key.store.pin_snapshot(derived=derived).restrict_to(*SOURCES),
        query=lambda session: _check(session, text=text, does=does, today=today),
    )


def _check(session: duckdb.DuckDBPyConnection, *, text: str, does: Sequence[str], today: date) -> AdoptionCheck:
    checked = check_tool(session, content=load_tool_content(), text=text, does=does, today=today)
    return AdoptionCheck(
        today=today,
        tool=checked,
        agreement=check_agreement(session, checked, today=today),
        fits=judge_fit(session, checked.tool.software if checked.tool else (), today=today),
    )
