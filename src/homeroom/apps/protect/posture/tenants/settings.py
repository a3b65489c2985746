"""Evaluate a tenant's settings under the policies, unit by unit and by profile, with other tools' verdicts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import duckdb

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.domain.ids import hash_place_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.engines.protect.baselines.evaluate import AssessedSubject, PolicyVerdict
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState
from homeroom.engines.protect.baselines.profile_diff import strip_version
from homeroom.engines.protect.baselines.profiles import BaselineProfile, classify_units, evaluate_policies
from homeroom.engines.protect.baselines.settings_document import (
    DirectoryUnit,
    MailDomainRecords,
    SettingRecord,
    add_mail_records,
    build_document,
    build_google_document,
)
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.query.executor import query_executor
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.profiles import get_profile

K12_PROFILE = "k12"
STATES: Mapping[PolicyState, State] = {
    PolicyState.PASSES: State.PASS,
    PolicyState.FAILS: State.FAIL,
    PolicyState.CANNOT_TELL: State.CANNOT_TELL,
    PolicyState.DOES_NOT_APPLY: State.NOT_APPLICABLE,
    PolicyState.BY_HAND: State.CANNOT_TELL,
}
_TABLES = ("setting_records", "org_units", "accounts", "mail_domains", "verdict_records")
_SETTINGS = 'SELECT suite, tenant, unit, "group", name, value FROM setting_records ORDER BY ALL'
_PLACES = "SELECT key, path, parent_path FROM org_units WHERE path IS NOT NULL ORDER BY path"
_ACCOUNTS = """SELECT org_unit, kind, grade_band, coalesce(administrator, false), count(*) FROM accounts
    WHERE directory = ? AND org_unit IS NOT NULL AND enabled IS NOT FALSE GROUP BY ALL ORDER BY ALL"""
_MAIL = "SELECT domain, spf, dkim, dmarc FROM mail_domains WHERE sends IS NOT FALSE ORDER BY domain"
_VERDICTS = "SELECT policy, suite, result, org_unit FROM verdict_records WHERE policy IS NOT NULL ORDER BY ALL"


@dataclass(frozen=True, kw_only=True)
class PolicyTarget:
    """One unit, group or element under a policy: name, people, state, and current and expected values."""

    name: str
    kind: str
    people: str
    state: State
    details: tuple[tuple[str, str, str], ...]
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class PolicyResult:
    """One policy of one tenant.

    `tool_verdicts` are other tools' own results for it; `because` explains why it is left out or assumed.
    """

    policy: BaselinePolicy
    tenant: str
    state: State
    by_hand: bool
    assumed: bool
    because: str
    where: tuple[PolicyTarget, ...]
    tool_verdicts: tuple[tuple[str, str], ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def failing(self) -> int:
        """Number of units, groups or elements that fail."""
        return self.counts.get(State.FAIL, 0)

    @property
    def problem(self) -> str:
        """What is wrong with the settings; what should be true of them where nothing fails."""
        return self.policy.problem if self.failing and self.policy.problem else self.policy.title

    def serialize(self) -> dict[str, Any]:
        """Return the result as plain values: {policy, state, counts, where, theirs, …}."""
        return {
            "policy": self.policy.id,
            "compares": [item for item in (self.policy.compares, *self.policy.also) if item],
            "suite": self.policy.suite,
            "product": self.policy.product,
            "tenant": self.tenant,
            "title": self.policy.title,
            "problem": self.problem,
            "severity": self.policy.severity,
            "state": self.state,
            "by_hand": self.by_hand,
            "assumed": self.assumed,
            "because": self.because,
            "counts": dict(self.counts),
            "theirs": [{"tool": tool, "result": result} for tool, result in self.tool_verdicts],
            "where": [
                {
                    "name": item.name,
                    "kind": item.kind,
                    "people": item.people,
                    "state": item.state,
                    "because": item.because,
                    "found": [
                        {"setting": setting, "found": value, "fits": fits} for setting, value, fits in item.details
                    ],
                }
                for item in self.where
            ],
        }


@dataclass(frozen=True, kw_only=True)
class TenantSettings:
    """Every policy over every tenant with current settings, in the order of the baseline.

    `profile` is its id, or empty; `people` the names of its classes of people.
    """

    profile: str
    lines: tuple[PolicyResult, ...]
    people: Mapping[str, str] = field(default_factory=dict)

    def count_states(self) -> dict[str, int]:
        """Count the policies in each state."""
        return {str(state): number for state, number in Counter(line.state for line in self.lines).items()}

    def serialize(self, *, with_lines: bool = True) -> dict[str, Any]:
        """Return the profile, the number of policies in each state and, if `with_lines`, each policy."""
        summary: dict[str, Any] = {
            "profile": self.profile or None,
            "policies": len(self.lines),
            "states": self.count_states(),
        }
        return {**summary, "lines": [line.serialize() for line in self.lines]} if with_lines else summary


@dataclass(frozen=True, kw_only=True)
class _TenantEvidence:
    settings: tuple[tuple[Any, ...], ...]
    places: tuple[DirectoryUnit, ...]
    mail: tuple[MailDomainRecords, ...]
    accounts: tuple[tuple[str, Mapping[str, Any], int], ...]
    tool_verdicts: tuple[tuple[Any, ...], ...]


def evaluate_tenant_settings(
    *, district: District, at: datetime, today: date, profile: str = K12_PROFILE
) -> TenantSettings:
    """Evaluate the policies over the current loads.

    Raise QueryTimeout, and LookupError for an unknown profile.
    """
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    versions = (store.compute_sources_id(), derived.id if derived else "")
    hour = at.replace(minute=0, second=0, microsecond=0)
    key = (str(store.folder), *versions, profile, hour)
    lines = _results_cache.get(key, lambda: _query_results(store, versions, profile, hour))
    accepted = _load_acceptances(district, today)
    people = (
        {class_of_people.id: class_of_people.title for class_of_people in get_profile(profile).people}
        if profile
        else {}
    )
    return TenantSettings(
        profile=profile, lines=tuple(_apply_acceptances(line, accepted) for line in lines), people=people
    )


_results_cache: SingleFlightCache[tuple[PolicyResult, ...]] = SingleFlightCache(max_entries=4, seconds=5.0)
"""Cached for an hour's visitors: of concurrent callers, one computes the result."""


def _query_results(
    store: EvidenceStore, versions: tuple[str, str], profile: str, at: datetime
) -> tuple[PolicyResult, ...]:
    """Evaluate the policies over `versions`: the hash of the current loads and the resolved snapshot."""
    sources, derived = versions
    evidence = query_executor().run(
        snapshot_id=f"{store.folder}/settings/{sources}/{derived}",
        pin=lambda: store.pin_snapshot(derived=derived or None).restrict_to(*_TABLES),
        query=_load_evidence,
    )
    return _evaluate(evidence, profile=profile, at=at)


def evaluate_session_settings(
    session: duckdb.DuckDBPyConnection, *, district: District, at: datetime, today: date, profile: str = K12_PROFILE
) -> tuple[PolicyResult, ...]:
    """Evaluate the policies over the loads that a session is pinned to, as an assessment stores them."""
    accepted = _load_acceptances(district, today)
    return tuple(
        _apply_acceptances(line, accepted) for line in _evaluate(_load_evidence(session), profile=profile, at=at)
    )


def _evaluate(evidence: _TenantEvidence, *, profile: str, at: datetime) -> tuple[PolicyResult, ...]:
    tool_verdicts = _group_tool_verdicts(evidence.tool_verdicts)
    profile_rules = get_profile(profile) if profile else None
    class_by_unit = classify_units(profile_rules, evidence.accounts) if profile_rules else {}
    lines: list[PolicyResult] = []
    for suite, tenant in dict.fromkeys((row[0], row[1]) for row in evidence.settings):
        rows = [_build_setting(row) for row in evidence.settings if row[:2] == (suite, tenant)]
        document = _build_document(suite, rows, evidence)
        suite_policies = [policy for policy in load_policies() if policy.suite == suite]
        verdicts = evaluate_policies(
            suite_policies,
            document,
            at=at,
            profile=profile_rules,
            classify=_build_class_lookup(profile_rules, class_by_unit),
        )
        lines += [
            _build_result(policy, verdict, tenant or "", tool_verdicts)
            for policy, verdict in zip(suite_policies, verdicts, strict=True)
        ]
    return tuple(lines)


def _build_class_lookup(
    profile: BaselineProfile | None, class_by_unit: Mapping[str, str]
) -> Callable[[str], str] | None:
    """Return a function that finds the class of people in a unit by its accounts, else by its path.

    Some write the path without the first slash.
    """
    return (
        None
        if profile is None
        else lambda unit: class_by_unit.get(f"/{unit.lstrip('/')}") or profile.classify_unit(unit)
    )


def _build_document(suite: str, rows: Sequence[SettingRecord], evidence: _TenantEvidence) -> dict[str, Any]:
    if suite != "google":
        return build_document(rows)
    return add_mail_records(build_google_document(rows, directory_units=evidence.places), domains=evidence.mail)


def _load_evidence(session: duckdb.DuckDBPyConnection) -> _TenantEvidence:
    places = session.execute(_PLACES).fetchall()
    return _TenantEvidence(
        settings=tuple(session.execute(_SETTINGS).fetchall()),
        places=tuple(DirectoryUnit(key=key or "", path=path, parent_path=above or "/") for key, path, above in places),
        mail=tuple(
            MailDomainRecords(domain=domain, spf=spf, dkim=dkim, dmarc=dmarc)
            for domain, spf, dkim, dmarc in session.execute(_MAIL).fetchall()
        ),
        accounts=tuple(
            (unit, {"kind": kind, "grade_band": band, "administrator": administrator}, count)
            for unit, kind, band, administrator, count in session.execute(_ACCOUNTS, ["google"]).fetchall()
        ),
        tool_verdicts=tuple(session.execute(_VERDICTS).fetchall()),
    )


def _build_setting(row: Sequence[Any]) -> SettingRecord:
    _, _, unit, group, name, value = row
    return SettingRecord(unit=unit or "", group=group or "", name=name, value=value or json.dumps(None))


def _group_tool_verdicts(rows: Iterable[Sequence[Any]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return {published id without version: ((tool, its result), …)}."""
    verdicts_by_policy: dict[str, dict[tuple[str, str], None]] = {}
    for policy, suite, result, _ in rows:
        verdicts_by_policy.setdefault(strip_version(policy), {})[(suite or "", result or "")] = None
    return {policy: tuple(verdicts) for policy, verdicts in verdicts_by_policy.items()}


def _build_result(
    policy: BaselinePolicy,
    verdict: PolicyVerdict,
    tenant: str,
    tool_verdicts: Mapping[str, tuple[tuple[str, str], ...]],
) -> PolicyResult:
    targets = tuple(_build_target(item) for item in verdict.subjects)
    policy_ids = [item for item in (policy.compares, *policy.also) if item]
    return PolicyResult(
        policy=policy,
        tenant=tenant,
        state=STATES[verdict.state],
        by_hand=verdict.state is PolicyState.BY_HAND,
        assumed=verdict.assumed,
        because=verdict.because,
        where=targets,
        tool_verdicts=tuple(tool_verdict for item in policy_ids for tool_verdict in tool_verdicts.get(item, ())),
        counts=_count_target_states(targets),
    )


def _build_target(subject: AssessedSubject) -> PolicyTarget:
    detail = tuple((detail.setting, detail.actual, detail.expected) for detail in subject.explanations)
    return PolicyTarget(
        name=subject.name,
        kind=subject.kind,
        people=subject.people,
        state=STATES[subject.state],
        details=detail,
        because=subject.because,
    )


def _count_target_states(targets: Iterable[PolicyTarget]) -> dict[str, int]:
    return {str(state): number for state, number in Counter(target.state for target in targets).items()}


def _load_acceptances(district: District, today: date) -> frozenset[tuple[str, str, int | None]]:
    """Return (policy, tenant, target) accepted today; without a target, the policy is accepted in that tenant."""
    return frozenset(
        (acceptance.control, acceptance.group, acceptance.subject)
        for acceptance in list_acceptances(district=district, today=today)
    )


def _apply_acceptances(line: PolicyResult, accepted: frozenset[tuple[str, str, int | None]]) -> PolicyResult:
    """Return the result with acceptances applied: a failing target, or the entire policy, becomes excepted."""
    policy, tenant = line.policy.id, line.tenant
    if line.state is not State.FAIL or not any(item[:2] == (policy, tenant) for item in accepted):
        return line
    is_policy_accepted = (policy, tenant, None) in accepted
    targets = tuple(
        replace(item, state=State.EXCEPTED)
        if item.state is State.FAIL
        and (is_policy_accepted or (policy, tenant, hash_place_id(tenant, item.name)) in accepted)
        else item
        for item in line.where
    )
    counts = _count_target_states(targets)
    remaining = next((state for state in (State.FAIL, State.CANNOT_TELL) if counts.get(state)), State.EXCEPTED)
    return replace(line, where=targets, counts=counts, state=remaining)
