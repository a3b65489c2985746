"""Likely pairs of tools: names that look like one tool, which nobody but a person joins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from homeroom.apps.know.tool_names.models import NameAnswer
from homeroom.apps.manage.tools.queries import load_tool_content
from homeroom.domain.manage.tools.portfolio import KnownBy
from homeroom.domain.platform.district import District
from homeroom.engines.manage.tools.likely_pairs import LikelyPair, NamedTool, find_likely_pairs
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

_TOOLS_SQL = "SELECT name, known, coalesce(year_minor, 0) FROM tools ORDER BY tool"


@dataclass(frozen=True, kw_only=True)
class NamePair:
    """A current answer: its number, the answer, who gave it and when, and both names."""

    id: int
    same: bool
    actor: str
    at: datetime
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class PairQueue:
    """The likely pairs that nobody answered, what costs most first, and the current answers, newest first."""

    pairs: tuple[LikelyPair, ...]
    answers: tuple[NamePair, ...]


def load_pair_queue(*, district: District, store: EvidenceStore) -> PairQueue:
    """Return the likely pairs of the newest resolved snapshot, and the current answers. Empty before the first."""
    answers = list(NameAnswer.objects.of(district).filter(revoked_at=None).order_by("-pk"))
    answered = {answer.question for answer in answers}
    return PairQueue(
        pairs=tuple(pair for pair in list_likely_pairs(store=store) if pair.id not in answered),
        answers=tuple(
            NamePair(
                id=answer.pk,
                same=answer.same,
                actor=answer.answered_by,
                at=answer.answered_at,
                first=answer.first,
                second=answer.second,
            )
            for answer in answers
        ),
    )


def list_likely_pairs(*, store: EvidenceStore) -> tuple[LikelyPair, ...]:
    """List the likely pairs among the tools of the newest resolved snapshot, answered or not."""
    newest = store.get_latest_derived()
    if newest is None or "tools" not in newest.tables:
        return ()
    with open_session(store.pin_snapshot(derived=newest.id).restrict_to("tools")) as session:
        rows = session.execute(_TOOLS_SQL).fetchall()
    return _find_pairs(
        tuple(NamedTool(name=name, is_known=basis != KnownBy.NAME, year_minor=cost) for name, basis, cost in rows)
    )


@lru_cache(maxsize=8)
def _find_pairs(tools: tuple[NamedTool, ...]) -> tuple[LikelyPair, ...]:
    """Find the pairs of a list of tools; a page that is opened again does not compare them again."""
    return find_likely_pairs(tools, products=load_tool_content().products)


def find_likely_pair(*, store: EvidenceStore, pair_id: str) -> LikelyPair | None:
    """Return the likely pair of that id, or None."""
    return next((pair for pair in list_likely_pairs(store=store) if pair.id == pair_id), None)
