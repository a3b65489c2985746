"""How a tenant's settings stand under the policies: unit by unit, as a profile has it, with other tools' verdicts beside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import duckdb

from homeroom.apps.districts.stores import store_of
from homeroom.apps.posture.models import Acceptance
from homeroom.domain.ids import place_subject
from homeroom.domain.states import State
from homeroom.engines.baselines.comparing import without_version
from homeroom.engines.baselines.judging import Judged, Verdict
from homeroom.engines.baselines.policies import Expected, Policy
from homeroom.engines.baselines.profiles import Profile, classes_of, judge_all
from homeroom.engines.baselines.records import MailDomain, Place, Setting, google_document, whole_document, with_mail
from homeroom.evidence.asking import asker
from homeroom.evidence.kept import Kept
from homeroom.evidence.store import Store
from homeroom.library.baselines import policies
from homeroom.library.profiles import profile_of

SCHOOLS = "k12"
STATES: Mapping[Expected, State] = {
    Expected.PASSES: State.PASS,
    Expected.FAILS: State.FAIL,
    Expected.CANNOT_TELL: State.CANNOT_TELL,
    Expected.DOES_NOT_APPLY: State.NOT_APPLICABLE,
    Expected.BY_HAND: State.CANNOT_TELL,
}
_ASKED = ("setting_records", "org_units", "accounts", "mail_domains", "verdict_records")
_SETTINGS = 'SELECT suite, tenant, unit, "group", name, value FROM setting_records ORDER BY ALL'
_PLACES = "SELECT key, path, parent_path FROM org_units WHERE path IS NOT NULL ORDER BY path"
_ACCOUNTS = """SELECT org_unit, kind, grade_band, coalesce(administrator, false), count(*) FROM accounts
    WHERE directory = ? AND org_unit IS NOT NULL AND enabled IS NOT FALSE GROUP BY ALL ORDER BY ALL"""
_MAIL = "SELECT domain, spf, dkim, dmarc FROM mail_domains WHERE sends IS NOT FALSE ORDER BY domain"
_THEIRS = "SELECT policy, suite, result, org_unit FROM verdict_records WHERE policy IS NOT NULL ORDER BY ALL"


@dataclass(frozen=True, kw_only=True)
class Where:
    """One unit, group or element under a policy: its name and people, its state, what was found and what would fit."""

    name: str
    kind: str
    people: str
    state: State
    said: tuple[tuple[str, str, str], ...]
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One policy of one tenant. `theirs` are other tools' own words for it; `because` says why it is left out or assumed."""

    policy: Policy
    tenant: str
    state: State
    by_hand: bool
    assumed: bool
    because: str
    where: tuple[Where, ...]
    theirs: tuple[tuple[str, str], ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def failing(self) -> int:
        """How many units, groups or elements fail."""
        return self.counts.get(State.FAIL, 0)

    def as_json(self) -> dict[str, Any]:
        """The line as plain values: {policy, state, counts, where, theirs, …}."""
        return {
            "policy": self.policy.id,
            "compares": [one for one in (self.policy.compares, *self.policy.also) if one],
            "suite": self.policy.suite,
            "product": self.policy.product,
            "tenant": self.tenant,
            "title": self.policy.title,
            "severity": self.policy.severity,
            "state": self.state,
            "by_hand": self.by_hand,
            "assumed": self.assumed,
            "because": self.because,
            "counts": dict(self.counts),
            "theirs": [{"tool": tool, "result": result} for tool, result in self.theirs],
            "where": [
                {
                    "name": one.name, "kind": one.kind, "people": one.people, "state": one.state, "because": one.because,
                    "found": [{"setting": setting, "found": found, "fits": fits} for setting, found, fits in one.said],
                }
                for one in self.where
            ],
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TenantSettings:
    """Every policy over every tenant whose settings stand, in the order of the baseline.

    `profile` is its id, or empty; `people` the names of its classes of people.
    """

    profile: str
    lines: tuple[Line, ...]
    people: Mapping[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """How many policies stand in each state."""
        return {str(state): number for state, number in Counter(line.state for line in self.lines).items()}

    def as_json(self, *, whole: bool = True) -> dict[str, Any]:
        """The profile, how many policies stand in each state, and (whole) each of them."""
        told: dict[str, Any] = {"profile": self.profile or None, "policies": len(self.lines), "states": self.counts()}
        return {**told, "lines": [line.as_json() for line in self.lines]} if whole else told


@dataclass(frozen=True, kw_only=True)
class _Stated:
    settings: tuple[tuple[Any, ...], ...]
    places: tuple[Place, ...]
    mail: tuple[MailDomain, ...]
    accounts: tuple[tuple[str, Mapping[str, Any], int], ...]
    theirs: tuple[tuple[Any, ...], ...]


def tenant_settings(*, district: Any, at: datetime, today: date, profile: str = SCHOOLS) -> TenantSettings:
    """The policies over what stands now. Raises TooSlow, and LookupError for a profile that there is not."""
    store = store_of(district=district)
    derived = store.latest_derived()
    stands = (store.sources_id(), derived.id if derived else "")
    hour = at.replace(minute=0, second=0, microsecond=0)
    key = (str(store.folder), *stands, profile, hour)
    lines = _lines_of.get(key, lambda: _judged(store, stands, profile, hour))
    accepted = _accepted(district, today)
    people = {one.id: one.title for one in profile_of(profile).people} if profile else {}
    return TenantSettings(profile=profile, lines=tuple(_excepted(line, accepted) for line in lines), people=people)


_lines_of: Kept[tuple[Line, ...]] = Kept(most=4, seconds=5.0)
"""Kept for an hour's visitors: of many who come at once one works it out."""


def _judged(store: Store, stands: tuple[str, str], profile: str, at: datetime) -> tuple[Line, ...]:
    """The lines over what `stands`: the hash of the standing loads and the resolved snapshot."""
    sources, derived = stands
    stated = asker().answer(
        pinned_to=f"{store.folder}/settings/{sources}/{derived}",
        pinned=lambda: store.pinned(derived=derived or None).only(*_ASKED),
        ask=_ask,
    )
    return _lines(stated, profile=profile, at=at)


def settings_in(
    session: duckdb.DuckDBPyConnection, *, district: Any, at: datetime, today: date, profile: str = SCHOOLS
) -> tuple[Line, ...]:
    """The lines over what a session is pinned to: what a judgement keeps."""
    accepted = _accepted(district, today)
    return tuple(_excepted(line, accepted) for line in _lines(_ask(session), profile=profile, at=at))


def _lines(stated: _Stated, *, profile: str, at: datetime) -> tuple[Line, ...]:
    theirs = _theirs(stated.theirs)
    used = profile_of(profile) if profile else None
    known = classes_of(used, stated.accounts) if used else {}
    lines: list[Line] = []
    for suite, tenant in dict.fromkeys((row[0], row[1]) for row in stated.settings):
        rows = [_setting(row) for row in stated.settings if row[:2] == (suite, tenant)]
        document = _document(suite, rows, stated)
        asked = [one for one in policies() if one.suite == suite]
        verdicts = judge_all(asked, document, at=at, profile=used, class_of=_class_of(used, known))
        lines += [_line(one, verdict, tenant or "", theirs) for one, verdict in zip(asked, verdicts, strict=True)]
    return tuple(lines)


def _class_of(profile: Profile | None, known: Mapping[str, str]) -> Callable[[str], str] | None:
    """The class of people in a unit: by its accounts, else by its path, which some write without the first slash."""
    return None if profile is None else lambda unit: known.get(f"/{unit.lstrip('/')}") or profile.class_of(unit)


def _document(suite: str, rows: Sequence[Setting], stated: _Stated) -> dict[str, Any]:
    if suite != "google":
        return whole_document(rows)
    return with_mail(google_document(rows, places=stated.places), domains=stated.mail)


def _ask(session: duckdb.DuckDBPyConnection) -> _Stated:
    places = session.execute(_PLACES).fetchall()
    return _Stated(
        settings=tuple(session.execute(_SETTINGS).fetchall()),
        places=tuple(Place(key=key or "", path=path, parent_path=above or "/") for key, path, above in places),
        mail=tuple(
            MailDomain(domain=domain, spf=spf, dkim=dkim, dmarc=dmarc)
            for domain, spf, dkim, dmarc in session.execute(_MAIL).fetchall()
        ),
        accounts=tuple(
            (unit, {"kind": kind, "grade_band": band, "administrator": administrator}, count)
            for unit, kind, band, administrator, count in session.execute(_ACCOUNTS, ["google"]).fetchall()
        ),
        theirs=tuple(session.execute(_THEIRS).fetchall()),
    )


def _setting(row: Sequence[Any]) -> Setting:
    _, _, unit, group, name, value = row
    return Setting(unit=unit or "", group=group or "", name=name, value=value or json.dumps(None))


def _theirs(rows: Iterable[Sequence[Any]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """{published id without version: ((tool, its word), …)}."""
    told: dict[str, dict[tuple[str, str], None]] = {}
    for policy, suite, result, _ in rows:
        told.setdefault(without_version(policy), {})[(suite or "", result or "")] = None
    return {policy: tuple(said) for policy, said in told.items()}


def _line(policy: Policy, verdict: Verdict, tenant: str, theirs: Mapping[str, tuple[tuple[str, str], ...]]) -> Line:
    where = tuple(_where(one) for one in verdict.subjects)
    published = [one for one in (policy.compares, *policy.also) if one]
    return Line(
        policy=policy,
        tenant=tenant,
        state=STATES[verdict.state],
        by_hand=verdict.state is Expected.BY_HAND,
        assumed=verdict.assumed,
        because=verdict.because,
        where=where,
        theirs=tuple(said for one in published for said in theirs.get(one, ())),
        counts=_counted(where),
    )


def _where(one: Judged) -> Where:
    said = tuple((said.setting, said.found, said.fits) for said in one.said)
    return Where(
        name=one.name, kind=one.kind, people=one.people, state=STATES[one.state], said=said, because=one.because
    )


def _counted(where: Iterable[Where]) -> dict[str, int]:
    return {str(state): number for state, number in Counter(one.state for one in where).items()}


def _accepted(district: Any, today: date) -> frozenset[tuple[str, str, int | None]]:
    """(policy, tenant, place) that somebody accepts today; without a place, the whole policy is accepted in that tenant."""
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return frozenset(rows.values_list("control", "group", "subject"))


def _excepted(line: Line, accepted: frozenset[tuple[str, str, int | None]]) -> Line:
    """The line with what is accepted: a failing place, or the whole policy, is excepted."""
    policy, tenant = line.policy.id, line.tenant
    if line.state is not State.FAIL or not any(one[:2] == (policy, tenant) for one in accepted):
        return line
    whole = (policy, tenant, None) in accepted
    where = tuple(
        replace(one, state=State.EXCEPTED)
        if one.state is State.FAIL and (whole or (policy, tenant, place_subject(tenant, one.name)) in accepted)
        else one
        for one in line.where
    )
    counts = _counted(where)
    left = next((state for state in (State.FAIL, State.CANNOT_TELL) if counts.get(state)), State.EXCEPTED)
    return replace(line, where=where, counts=counts, state=left)
