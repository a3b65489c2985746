"""The rows behind a number of a policy: the units, groups and elements of tenants, with what was found and what would fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.posture.policing import numbered
from homeroom.apps.posture.queries import Judgement
from homeroom.apps.posture.rows import Row, Rows
from homeroom.apps.posture.shelf import PLACE
from homeroom.apps.posture.tenants import SCHOOLS, Line, Where, tenant_settings
from homeroom.domain.states import State


def places_in_state(*, district: Any, of: Judgement, policy: str, state: str, after: int, limit: int) -> Rows:
    """The next places that stand in that state under a policy, by tenant and name. Raises TooSlow."""
    found = [(line, where) for line, where in _every(district, of, policy) if where.state is State(state)]
    return _page(found, after=after, limit=limit)


def places_of(
    *, district: Any, of: Judgement, policy: str, subjects: Sequence[int], after: int = -1, limit: int | None = None
) -> Rows:
    """The next of these places, as settings stand now; what is not there any more is only counted. Raises TooSlow."""
    wanted = set(subjects)
    found = [(line, where) for line, where in _every(district, of, policy) if numbered(line, where) in wanted]
    return _page(found, after=after, limit=limit)


def _every(district: Any, of: Judgement, policy: str) -> Iterator[tuple[Line, Where]]:
    stands = tenant_settings(district=district, at=of.at, today=of.today, profile=SCHOOLS)
    for line in (line for line in stands.lines if line.policy.id == policy):
        yield from ((line, where) for where in sorted(line.where, key=lambda one: one.name))


def _page(found: Sequence[tuple[Line, Where]], *, after: int, limit: int | None) -> Rows:
    numbers = [numbered(line, where) for line, where in found]
    begin = numbers.index(after) + 1 if after in numbers else 0
    end = len(found) if limit is None else begin + limit
    rows = tuple(_row(line, where) for line, where in found[begin:end])
    more = rows[-1].subject if rows and end < len(found) else None
    titles = (gettext("Where"), gettext("Tenant"), gettext("What was found"), gettext("What would fit"))
    return Rows(titles=titles, rows=rows, after=more, pupils=0, private=(False,) * len(titles))


def _row(line: Line, where: Where) -> Row:
    found = "; ".join(f"{setting}: {found}" for setting, found, _ in where.said)
    fits = "; ".join(dict.fromkeys(fits for _, _, fits in where.said))
    return Row(
        public=line.policy.id,
        subject=numbered(line, where),
        kind=PLACE,
        cells=(where.name, line.tenant, found or where.because or None, fits or None),
    )
