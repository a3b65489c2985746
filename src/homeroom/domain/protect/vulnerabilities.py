"""Scoring of vulnerabilities and when they should be fixed: weights and days, as content states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VulnerabilityWeights:
    """Points of a vulnerability in one version of one product, added up.

    `score` counts for each point of CVSS, and `severities` are used if no score is given. `likelihood` is what the
    highest EPSS percentile adds, others in proportion: no bound of a score decides. The others are added once each if
    they are true, `opens` for each doubling of the systems that one of the users opens, and `reach` for each doubling
    of the devices. `days` are those within which a vulnerability of a severity should be fixed.
    """

    score: int
    severities: Mapping[str, int]
    likelihood: int
    exploited: int
    overdue: int
    ransomware: int
    public: int
    servers: int
    administrators: int
    beside_servers: int
    opens: int
    staff: int
    reach: int
    days: Mapping[str, int]
