"""The rules that judge evidence, with the texts of their alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from homeroom.domain.detections.rules import CorrelationRule, RuleHeading, RuleSet
from homeroom.engines.detect import EventScanner
from homeroom.library.detections import ShippedRule, load_shipped_rules
from homeroom.library.yaml_loader import BUILTIN_CONTENT

CANARY_AREA = "canary"
SUPER_ADMINISTRATOR_RULES = ("super-admin-granted", "global-administrator-added")
"""What the ids of rules about new super administrators have in them."""


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
    shipped = load_shipped_rules(directory)
    return AlertRules(
        rules=RuleSet(
            rules=tuple(rule for item in shipped for rule in item.rules.rules),
            correlations=tuple(rule for item in shipped for rule in item.rules.correlations),
        ),
        texts={item.id: _build_texts(item) for item in shipped},
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
