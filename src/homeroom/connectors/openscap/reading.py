"""Rules that failed in XCCDF results into flaw records, and their targets into device records.

Source of the names: XCCDF 1.1 (NISTIR 7275 r3) and 1.2 (r4): TestResult, target, target-address, target-facts,
rule-result@idref, result, ident, and Rule/title. A rule that passed, was not selected or could not be checked is no
weakness; of a result that somebody overrode the new word is what stands there.

A weakness is known by the target and the rule's id. The target is known by its name, or by its first address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address, mac
from homeroom.ingest.records import text
from homeroom.ingest.weaknesses import Findings, scope_of, when

FAILED = "fail"
LOOPBACK = ("127.0.0.1", "::1", "0:0:0:0:0:0:0:1")
_MAC_FACT = re.compile(r"(?i)(:|-)mac$")
_SYSTEM_FACT = re.compile(r"(?i)os_?(name|release|relname)$|os:relname")


def results(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Every test result of a file. The scope is the targets with the benchmark and profile that they were held against."""
    found, scopes = Findings(), set()
    for element in elements:
        rules = {one.get("id", ""): one for one in _all(element, "Rule")}
        for result in _all(element, "TestResult"):
            if target := _result(result, rules=rules, found=found):
                scopes.add(f"{target} {_held_against(result, within=element)}")
    return found.reading("device_records", "flaw_records", scope=scope_of("hosts", scopes))


def _result(result: etree._Element, *, rules: Mapping[str, etree._Element], found: Findings) -> str | None:
    line = result.sourceline or 0
    addresses = [where for one in _all(result, "target-address") if (where := text(one.text)) and where not in LOOPBACK]
    facts = [(one.get("name", ""), text(one.text) or "") for one in _all(result, "fact")]
    name = next((said for one in _all(result, "target") if (said := text(one.text))), None)
    key = name if name and not address(name) else next(iter(addresses), name)
    if key is None:
        found.lost(line=line, field="target", reason="results without a target, so nobody knows of which computer")
        return None
    found.host(
        line=line,
        key=key,
        name=None if address(key) else key,
        addresses=addresses,
        macs=[mac(value) for fact, value in facts if _MAC_FACT.search(fact) and value != "00:00:00:00:00:00"],
        system=next((value for fact, value in facts if _SYSTEM_FACT.search(fact)), None),
        seen=when(result.get("end-time")) or when(result.get("start-time")),
    )
    for one in _all(result, "rule-result"):
        _rule(one, device=key, ended=result.get("end-time"), rules=rules, found=found)
    return key


def _rule(
    one: etree._Element, *, device: str, ended: str | None, rules: Mapping[str, etree._Element], found: Findings
) -> None:
    if (_first(one, "result") or "").lower() != FAILED:
        return
    check = text(one.get("idref"))
    rule = rules.get(check or "")
    found.flaw(
        line=one.sourceline or 0,
        device=device,
        check=check,
        title=(None if rule is None else _first(rule, "title")) or check,
        severity=one.get("severity") or (None if rule is None else rule.get("severity")),
        cves=[ident.text for ident in (*_all(one, "ident"), *(() if rule is None else _all(rule, "ident")))],
        solution=None if rule is None else _first(rule, "fixtext"),
        at=when(one.get("time")) or when(ended),
    )


def _held_against(result: etree._Element, *, within: etree._Element) -> str:
    named = next((one.get("id") or one.get("href") for one in _all(result, "benchmark")), None)
    benchmark = named or (within.get("id") if within is not result else None)
    profile = next((one.get("idref") for one in _all(result, "profile")), None)
    return " ".join(part for part in (benchmark, profile) if part)


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The element itself and those within it of that local name: collections mix namespaces."""
    return element.iter(f"{{*}}{name}", name)


def _first(element: etree._Element, name: str) -> str | None:
    """The text of the first element of that name below, with what stands inside it."""
    inner = next((one for one in _all(element, name) if one is not element), None)
    return None if inner is None else text(" ".join(str(part) for part in inner.itertext()))
