"""The rules that judge evidence, with the texts of their alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from homeroom.apps.protect.detection.rule_imports import get_imports_version, load_district_imports
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.rules import CorrelationRule, RuleHeading, RuleSet
from homeroom.engines.protect.detect import EventScanner
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.library.protect.detections import ShippedRule, load_shipped_rules
from homeroom.library.yaml_loader import BUILTIN_CONTENT

CANARY_AREA = "canary"
SUPER_ADMINISTRATOR_RULES = ("super-admin-granted", "global-administrator-added")
"""What the ids of rules about new super administrators have in them."""

STAGES_BY_TACTIC: Mapping[str, str] = {
    "initial-access": "access",
    "execution": "persistence",
    "persistence": "persistence",
    "privilege-escalation": "privilege",
    "defense-evasion": "evasion",
    "stealth": "evasion",
    "defense-impairment": "evasion",
    "credential-access": "credentials",
    "discovery": "discovery",
    "lateral-movement": "spread",
    "collection": "collection",
    "command-and-control": "persistence",
    "exfiltration": "exfiltration",
    "impact": "impact",
}
"""The stage of a tactic of MITRE ATT&CK, which tags of Sigma rules name."""
IMPORTED_MEANS = "A rule of others fired. Its title is what it looks for; its file and author are on the page of rules."
IMPORTED_FIRST_STEP = (
    "Look at the event and ask who did it. If it is part of somebody's work, suppress it with the reason."
)
IMPORTED_ENTITIES: Mapping[str, Sequence[str]] = {
    "account": ("User", "SubjectUserName", "actor.email", "userPrincipalName", "UserId"),
    "host": ("Computer",),
    "address": ("IpAddress", "SourceIp", "ipAddress", "ClientIP"),
    "app": ("app_name", "appDisplayName", "Image", "NewProcessName"),
}


@dataclass(frozen=True, kw_only=True)
class AlertTexts:
    """The texts of a rule's alerts, and which fields name its entities."""

    title: str
    level: str
    stage: str = ""
    means: str = ""
    first_step: str = ""
    playbook: str = ""
    entities: Mapping[str, Sequence[str]] = field(default_factory=dict)
    always_alerts: bool = False


@dataclass(frozen=True, kw_only=True)
class AlertRules:
    """Rules to judge by, and the texts by the rule's id."""

    rules: RuleSet
    texts: Mapping[str, AlertTexts]

    def get_texts(self, heading: RuleHeading) -> AlertTexts:
        """Return the texts of a rule; of one that ships none, its title and level."""
        return self.texts.get(heading.id) or AlertTexts(title=heading.title, level=heading.level)

    @cached_property
    def scanner(self) -> EventScanner:
        """The rules about single events, ready to be asked."""
        return EventScanner(self.rules)

    @cached_property
    def correlations(self) -> Mapping[str, CorrelationRule]:
        """The correlations by id, each after those that it refers to."""
        return {rule.heading.id: rule for rule in self.rules.correlations}

    def list_closure(self, correlation: str) -> RuleSet:
        """Return a correlation with those that it refers to, in their order."""
        needed, waiting = set[str](), [correlation]
        while waiting:
            rule = self.correlations.get(waiting.pop())
            if rule is not None and rule.heading.id not in needed:
                needed.add(rule.heading.id)
                waiting += rule.correlation.rules
        return RuleSet(correlations=tuple(rule for rule in self.rules.correlations if rule.heading.id in needed))


def list_base_rules(closure: RuleSet) -> frozenset[str]:
    """Return the rules about single events that correlations refer to."""
    own = {rule.heading.id for rule in closure.correlations}
    return frozenset(name for rule in closure.correlations for name in rule.correlation.rules if name not in own)


def sum_seconds(closure: RuleSet) -> int:
    """Return how far back the outcome of correlations that refer to one another may reach."""
    return sum(rule.correlation.seconds for rule in closure.correlations)


@cache
def load_alert_rules(directory: Path = BUILTIN_CONTENT) -> AlertRules:
    """Return the shipped rules, ready to judge by."""
    shipped = load_shipped_rules(directory, with_records=False)
    return AlertRules(
        rules=RuleSet(
            rules=tuple(rule for item in shipped for rule in item.rules.rules),
            correlations=tuple(rule for item in shipped for rule in item.rules.correlations),
        ),
        texts={item.id: _build_texts(item) for item in shipped},
    )


def load_district_rules(district: District) -> AlertRules:
    """Return the shipped rules and those that the district imported and has on."""
    version = get_imports_version(district=district)
    if not version:
        return load_alert_rules()
    return _district_rules.get((district.pk, version), lambda: _join_imports(district))


_district_rules: SingleFlightCache[AlertRules] = SingleFlightCache(max_entries=8)
"""Rules of the districts that imported some, until they import others."""


def _join_imports(district: District) -> AlertRules:
    shipped = load_alert_rules()
    imported, _ = load_district_imports(district=district)
    headings = [*(rule.heading for rule in imported.rules), *(rule.heading for rule in imported.correlations)]
    own = set(shipped.texts)
    return AlertRules(
        rules=RuleSet(
            rules=(*shipped.rules.rules, *(rule for rule in imported.rules if rule.heading.id not in own)),
            correlations=(
                *shipped.rules.correlations,
                *(rule for rule in imported.correlations if rule.heading.id not in own),
            ),
        ),
        texts={**{heading.id: _build_imported_texts(heading) for heading in headings}, **shipped.texts},
    )


def _build_imported_texts(heading: RuleHeading) -> AlertTexts:
    """Return the texts of a rule of somebody else, which has a stage among its tags and no words for a technician."""
    tactics = (tag.removeprefix("attack.").replace("_", "-") for tag in heading.tags)
    stage = next((STAGES_BY_TACTIC[tactic] for tactic in tactics if tactic in STAGES_BY_TACTIC), "")
    return AlertTexts(
        title=heading.title,
        level=heading.level,
        stage=stage,
        means=IMPORTED_MEANS,
        first_step=IMPORTED_FIRST_STEP,
        entities=IMPORTED_ENTITIES,
    )


def _build_texts(item: ShippedRule) -> AlertTexts:
    return AlertTexts(
        title=item.title,
        level=item.level,
        stage=item.stage,
        means=item.means,
        first_step=item.first_step,
        playbook=item.playbook,
        entities=item.entities,
        always_alerts=is_always_alerting(item.id, area=item.file.split("/")[-2]),
    )


def is_always_alerting(rule: str, *, area: str) -> bool:
    """Return whether nothing that was announced or suppressed silences a rule: canaries, new super administrators."""
    return area == CANARY_AREA or any(part in rule for part in SUPER_ADMINISTRATOR_RULES)
