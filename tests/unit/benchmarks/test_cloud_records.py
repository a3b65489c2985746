"""What fires on recorded cloud logs is counted and printed by log, those of other systems apart."""

from __future__ import annotations

from bench.detections.cloud_records import OTHER_LOGS, RecordOutcome, compute_figures, format_outcomes, name_log

OUTCOMES = [
    RecordOutcome(log="Azure.Audit", title="Risky sign-in", is_alerted=True, sigma_rules=["Risk (high)"]),
    RecordOutcome(log="Azure.Audit", title="Policy changed", is_alerted=True),
    RecordOutcome(log="Azure.Audit", title="Normal sign-in", is_alerted=False, own_rules=["Forwarding (high)"]),
    RecordOutcome(log="GSuite.ActivityEvent", title="Takeout", is_alerted=True, is_read=False),
    RecordOutcome(log=OTHER_LOGS, title="Of another system", is_alerted=True, is_read=False),
]


def test_a_record_that_may_be_of_another_system_is_counted_apart() -> None:
    assert name_log(["Azure.Audit"]) == "Azure.Audit"
    assert name_log(["GSuite.ActivityEvent", "Okta.SystemLog"]) == OTHER_LOGS


def test_the_figures_count_the_logs_that_are_read() -> None:
    assert compute_figures(OUTCOMES) == {
        "records": 4,
        "rejected_records": 1,
        "alerted_records": 3,
        "alerted_records_with_a_rule": 1,
        "alerted_records_with_an_own_rule": 0,
        "other_records_with_a_rule": 1,
    }


def test_each_record_that_is_alerted_on_is_printed_with_what_fires() -> None:
    assert format_outcomes(OUTCOMES).splitlines() == [
        "Azure.Audit: 3 records, 3 read, 0 rejected; rules fire on 1 of 2 that Panther alerts on",
        "  Risky sign-in",
        "      sigma: Risk (high)",
        "  Policy changed",
        "      nothing fires",
        "GSuite.ActivityEvent: 1 records, 0 read, 1 rejected; rules fire on 0 of 1 that Panther alerts on",
        "  Takeout",
        "      rejected",
        "other systems: 1 records, 0 read, 1 rejected; rules fire on 0 of 1 that Panther alerts on",
    ]
