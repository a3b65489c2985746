"""Rules that failed in XCCDF results into vulnerability records, and their targets into device records.

Source of the names: XCCDF 1.1 (NISTIR 7275 r3) and 1.2 (r4): TestResult, target, target-address, target-facts,
rule-result@idref, result, ident, and Rule/title. A rule that passed, was not selected or could not be checked is no
finding; an overridden result has the new word. A scan finding is identified by the target and the rule's id. The target
is identified by its name, or its first address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.ip_addresses import normalize_mac, parse_ip

FAILED = "fail"
LOOPBACK = ("127.0.0.1", "::1", "0:0:0:0:0:0:0:1")
_MAC_FACT = re.compile(r"(?i)(:|-)mac$")
_SYSTEM_FACT = re.compile(r"(?i)os_?(name|release|relname)$|os:relname")


def read_results(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read every test result of a file.

    The scope is the targets with the benchmark and profile that they were tested against.
    """
    findings, scopes = ScanReportBuilder(), set()
    for element in elements:
        rules = {rule.get("id", ""): rule for rule in _iter_elements(element, "Rule")}
        for result in _iter_elements(element, "TestResult"):
            if target := _add_result(result, rules=rules, findings=findings):
                scopes.add(f"{target} {_describe_benchmark(result, root=element)}")
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("hosts", scopes))


def _add_result(
    result: etree._Element, *, rules: Mapping[str, etree._Element], findings: ScanReportBuilder
) -> str | None:
    line = result.sourceline or 0
    addresses = [
        address_text
        for element in _iter_elements(result, "target-address")
        if (address_text := clean_text(element.text)) and address_text not in LOOPBACK
    ]
    facts = [(element.get("name", ""), clean_text(element.text) or "") for element in _iter_elements(result, "fact")]
    name = next(
        (target_name for element in _iter_elements(result, "target") if (target_name := clean_text(element.text))), None
    )
    key = name if name and not parse_ip(name) else next(iter(addresses), name)
    if key is None:
        findings.reject_row(
            line=line, field="target", reason="results without a target, so nobody knows of which computer"
        )
        return None
    findings.add_host(
        line=line,
        key=key,
        name=None if parse_ip(key) else key,
        addresses=addresses,
        macs=[normalize_mac(value) for fact, value in facts if _MAC_FACT.search(fact) and value != "00:00:00:00:00:00"],
        system=next((value for fact, value in facts if _SYSTEM_FACT.search(fact)), None),
        last_seen=parse_scan_time(result.get("end-time")) or parse_scan_time(result.get("start-time")),
    )
    for element in _iter_elements(result, "rule-result"):
        _add_rule_result(element, device=key, end_time=result.get("end-time"), rules=rules, findings=findings)
    return key


def _add_rule_result(
    rule_result: etree._Element,
    *,
    device: str,
    end_time: str | None,
    rules: Mapping[str, etree._Element],
    findings: ScanReportBuilder,
) -> None:
    if (_find_first_text(rule_result, "result") or "").lower() != FAILED:
        return
    check = clean_text(rule_result.get("idref"))
    rule = rules.get(check or "")
    findings.add_finding(
        line=rule_result.sourceline or 0,
        device=device,
        check=check,
        title=(None if rule is None else _find_first_text(rule, "title")) or check,
        severity=rule_result.get("severity") or (None if rule is None else rule.get("severity")),
        cves=[
            ident.text
            for ident in (
                *_iter_elements(rule_result, "ident"),
                *(() if rule is None else _iter_elements(rule, "ident")),
            )
        ],
        solution=None if rule is None else _find_first_text(rule, "fixtext"),
        at=parse_scan_time(rule_result.get("time")) or parse_scan_time(end_time),
    )


def _describe_benchmark(result: etree._Element, *, root: etree._Element) -> str:
    benchmark_id = next(
        (element.get("id") or element.get("href") for element in _iter_elements(result, "benchmark")), None
    )
    benchmark = benchmark_id or (root.get("id") if root is not result else None)
    profile = next((element.get("idref") for element in _iter_elements(result, "profile")), None)
    return " ".join(part for part in (benchmark, profile) if part)


def _iter_elements(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Iterate over the element itself and those within it of that local name: collections mix namespaces."""
    return element.iter(f"{{*}}{name}", name)


def _find_first_text(element: etree._Element, name: str) -> str | None:
    """Find the text of the first element of that name below, with all text inside it."""
    match = next((candidate for candidate in _iter_elements(element, name) if candidate is not element), None)
    return None if match is None else clean_text(" ".join(str(part) for part in match.itertext()))
