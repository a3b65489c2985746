"""Rule files in, a set of rules out, with the reason of each one that does not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from homeroom.domain.protect.detections.correlations import Correlation, Presence
from homeroom.domain.protect.detections.district_fields import is_district_field
from homeroom.domain.protect.detections.rules import (
    And,
    Condition,
    CorrelationRule,
    DetectionRule,
    LogVariant,
    Or,
    RuleHeading,
    RuleNotRun,
    RuleSet,
    list_field_names,
)
from homeroom.library.protect.sigma_rules.correlations import CorrelationRefused, build_correlation
from homeroom.library.protect.sigma_rules.documents import RuleDocument, read_rule_documents
from homeroom.library.protect.sigma_rules.log_sources import (
    NoSuchLog,
    RuleLogSource,
    list_log_forms,
    require_known_fields,
)
from homeroom.library.protect.sigma_rules.rule_files import list_rule_files
from homeroom.library.protect.sigma_rules.search_conditions import ConditionRefused, parse_condition
from homeroom.library.protect.sigma_rules.searches import SearchRefused, build_searches


class RuleRefused(ValueError):
    """A rule that cannot run; the message has the reason."""


REFUSALS = (RuleRefused, CorrelationRefused, ConditionRefused, SearchRefused, NoSuchLog)


@dataclass(frozen=True, kw_only=True)
class RuleFilter:
    """A filter document: what has to be true besides, for rules of a log source with one of the names."""

    source: RuleLogSource
    rules: frozenset[str] | None
    condition: Condition

    def covers(self, heading: RuleHeading, source: RuleLogSource) -> bool:
        """Return True if the filter applies to the rule."""
        if self.rules is not None and not self.rules & {heading.id, heading.name}:
            return False
        pairs = (
            (self.source.product, source.product),
            (self.source.category, source.category),
            (self.source.service, source.service),
        )
        return all(not wanted or wanted == has for wanted, has in pairs)


@dataclass(frozen=True, kw_only=True)
class ReadRule:
    """A rule about single events as it was read, before filters apply."""

    heading: RuleHeading
    source: RuleLogSource
    condition: Condition


def load_sigma_rules(paths: Sequence[Path], *, with_evidence: bool = True) -> tuple[RuleSet, tuple[RuleNotRun, ...]]:
    """Return the rules of the files, folders and zips at the paths that run, and those that do not.

    Without the district's evidence, rules about its fields do not run.
    """
    documents = [document for file in list_rule_files(paths) for document in read_rule_documents(file)]
    return build_rule_set(documents, with_evidence=with_evidence)


def build_rule_set(
    documents: Iterable[RuleDocument], *, with_evidence: bool = True
) -> tuple[RuleSet, tuple[RuleNotRun, ...]]:
    """Return the rules of the documents that run, and those that do not."""
    builder = _RuleSetBuilder(with_evidence=with_evidence)
    documents = list(documents)
    repeated = _find_repeated_ids(documents)
    for document in documents:
        builder.add(document, repeated=repeated)
    return builder.finish()


class _RuleSetBuilder:
    """Rules, correlations and filters as they are read."""

    def __init__(self, *, with_evidence: bool) -> None:
        self.with_evidence = with_evidence
        self.rules: list[ReadRule] = []
        self.correlations: list[tuple[RuleHeading, Correlation]] = []
        self.filters: list[RuleFilter] = []
        self.silenced: set[str] = set()
        """Names and ids of rules to which correlations refer that do not run."""
        self.not_run: list[RuleNotRun] = []

    def add(self, document: RuleDocument, *, repeated: Mapping[str, int]) -> None:
        heading = _read_heading(document)
        try:
            if document.refusal:
                raise RuleRefused(document.refusal)
            if repeated.get(heading.id, 0) > 1:
                raise RuleRefused(f"{repeated[heading.id]} rules have this id")
            self._add_content(heading, document.content)
        except REFUSALS as error:
            self._refuse(heading, str(error))

    def _refuse(self, heading: RuleHeading, reason: str) -> None:
        self.not_run.append(RuleNotRun(file=heading.file, id=heading.id, reason=reason[:500]))

    def _add_content(self, heading: RuleHeading, content: Mapping[str, Any]) -> None:
        if "correlation" in content:
            self._add_correlation(heading, _read_correlation(content))
        elif "filter" in content:
            self.filters.append(_build_filter(content))
        elif "detection" in content:
            source = _read_log_source(content)
            list_log_forms(source)
            condition = _build_condition(content["detection"])
            self._require_fields(list_field_names(condition))
            require_known_fields(source, list_field_names(condition))
            self.rules.append(ReadRule(heading=heading, source=source, condition=condition))
        else:
            raise RuleRefused("no detection, correlation or filter in the document")

    def _add_correlation(self, heading: RuleHeading, raw: Any) -> None:
        """Add a correlation. The rules that it refers to are silent even if it does not run: alone they mean little."""
        try:
            correlation = build_correlation(raw)
            self._require_fields((*correlation.group_by, *correlation.value_fields))
        except REFUSALS:
            names = raw.get("rules") if isinstance(raw, dict) and raw.get("generate") is not True else None
            self.silenced |= {str(name) for name in (names if isinstance(names, list) else [names])}
            raise
        self.correlations.append((heading, correlation))

    def _require_fields(self, names: Iterable[str]) -> None:
        """Raise RuleRefused if a field is one of the district's evidence, and that is not there."""
        needed = sorted({name for name in names if is_district_field(name)})
        if needed and not self.with_evidence:
            raise RuleRefused(f"needs the district's evidence: {', '.join(needed)}")

    def finish(self) -> tuple[RuleSet, tuple[RuleNotRun, ...]]:
        correlations = self._resolve_correlations()
        audible = {rule for entry in correlations if entry.generate for rule in entry.rules}
        silenced = {
            rule.heading.id for rule in self.rules if self.silenced & {rule.heading.id, rule.heading.name or None}
        }
        silent = (silenced | {rule for entry in correlations for rule in entry.rules}) - audible
        ordered = self._order_correlations(correlations)
        rules = RuleSet(
            rules=tuple(self._finish_rule(rule, silent=rule.heading.id in silent) for rule in self.rules),
            correlations=tuple(
                CorrelationRule(heading=heading, correlation=correlation, silent=heading.id in silent)
                for heading, correlation in ordered
            ),
        )
        return rules, tuple(sorted(self.not_run, key=lambda entry: (entry.file, entry.id)))

    def _finish_rule(self, rule: ReadRule, *, silent: bool) -> DetectionRule:
        filters = tuple(entry.condition for entry in self.filters if entry.covers(rule.heading, rule.source))
        condition = And(parts=(rule.condition, *filters)) if filters else rule.condition
        names = set(list_field_names(rule.condition))
        forms = (form for form in list_log_forms(rule.source) if not form.missing_fields & names)
        variants: tuple[LogVariant, ...] = tuple(form.apply(condition) for form in forms)
        return DetectionRule(heading=rule.heading, variants=variants, silent=silent)

    def _resolve_correlations(self) -> list[Correlation]:
        """Let the correlations refer to ids, and return all of them, even if one of their rules is missing."""
        headings = [rule.heading for rule in self.rules] + [heading for heading, _ in self.correlations]
        ids = {heading.name: heading.id for heading in headings if heading.name}
        ids |= {heading.id: heading.id for heading in headings}
        self.correlations = [(heading, _resolve_names(entry, ids)) for heading, entry in self.correlations]
        return [entry for _, entry in self.correlations]

    def _order_correlations(self, correlations: list[Correlation]) -> list[tuple[RuleHeading, Correlation]]:
        """Return the correlations that run, each after those that it refers to; list the others."""
        ready = {rule.heading.id for rule in self.rules}
        waiting, ordered = list(self.correlations), []
        while True:
            able = [entry for entry in waiting if set(entry[1].rules) <= ready]
            if not able:
                break
            ordered += able
            ready |= {heading.id for heading, _ in able}
            waiting = [entry for entry in waiting if entry[0].id not in ready]
        for heading, correlation in waiting:
            missing = sorted(set(correlation.rules) - ready)
            self._refuse(heading, f"it refers to {', '.join(missing)}, which does not run")
        return ordered


def _find_repeated_ids(documents: Iterable[RuleDocument]) -> Counter[str]:
    """Return how many documents have each id; the name of a rule without an id is its id."""
    ids = (document.content.get("id") or document.content.get("name") for document in documents)
    return Counter(str(rule_id) for rule_id in ids if rule_id)


def _read_correlation(content: Mapping[str, Any]) -> Any:
    """Return a rule's correlation, with `generate`, which the specification has beside it and pySigma in it."""
    raw = content["correlation"]
    return {"generate": content["generate"], **raw} if isinstance(raw, dict) and "generate" in content else raw


def _read_heading(document: RuleDocument) -> RuleHeading:
    content = document.content
    tags = content.get("tags")
    name = str(content.get("name") or "")
    number = f"#{document.number}" if document.number > 1 else ""
    return RuleHeading(
        id=str(content.get("id") or name or ("" if document.refusal else f"{document.file}{number}")),
        title=str(content.get("title") or ""),
        level=str(content.get("level") or ""),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        name=name,
        file=document.file,
    )


def _read_log_source(content: Mapping[str, Any]) -> RuleLogSource:
    raw = content.get("logsource")
    if not isinstance(raw, dict):
        raise RuleRefused("`logsource` is no mapping of product, category and service")
    fields = {name: str(raw[name]).lower() for name in ("product", "category", "service") if raw.get(name)}
    if not fields:
        raise RuleRefused("`logsource` has no product, category or service")
    return RuleLogSource(**fields)


def _build_condition(detection: Any) -> Condition:
    """Return the condition of a rule's or filter's detection; several conditions are alternatives."""
    if not isinstance(detection, dict):
        raise RuleRefused("`detection` is no mapping of searches")
    raw = detection.get("condition")
    texts: list[Any] = raw if isinstance(raw, list) else [raw]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise RuleRefused("`condition` is missing, or no text")
    searches = build_searches(detection)
    parts = tuple(parse_condition(text, searches) for text in texts)
    return parts[0] if len(parts) == 1 else Or(parts=parts)


def _build_filter(content: Mapping[str, Any]) -> RuleFilter:
    raw = content["filter"]
    if not isinstance(raw, dict):
        raise RuleRefused("`filter` is no mapping of searches")
    rules = raw.get("rules")
    if isinstance(rules, str) and rules.lower() == "any":
        names = None
    elif rules:
        names = frozenset(str(rule) for rule in (rules if isinstance(rules, list) else [rules]))
    else:
        raise RuleRefused("`filter` has no rules; ids, names or `any` would fit")
    return RuleFilter(source=_read_log_source(content), rules=names, condition=_build_condition(raw))


def _resolve_names(correlation: Correlation, ids: Mapping[str, str]) -> Correlation:
    """Return the correlation with the ids of the rules that it calls by name."""
    return replace(
        correlation,
        rules=tuple(ids.get(rule, rule) for rule in correlation.rules),
        aliases={
            alias: {ids.get(rule, rule): name for rule, name in names.items()}
            for alias, names in correlation.aliases.items()
        },
        presence=_resolve_presence(correlation.presence, ids) if correlation.presence else None,
    )


def _resolve_presence(presence: Presence, ids: Mapping[str, str]) -> Presence:
    parts = tuple(_resolve_presence(part, ids) for part in presence.parts)
    return replace(presence, rule=ids.get(presence.rule, presence.rule), parts=parts)
