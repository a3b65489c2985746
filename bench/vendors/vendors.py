"""Vendors held against agreements: planted overreach on the sample district, and a million permissions judged.

On the sample district each planted overreach is found and no other, with more than twelve kinds of near-miss beside it.
A district with 300 agreements, 60 rosters and 1,000,000 permissions is judged in 3 CPU-seconds.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import date
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom
from bench.vendors.planted_vendors import Finding, compare_reported, plant_vendors

GRANTS, AGREEMENTS, BUNDLES = 1_000_000, 300, 60
TODAY = date(2026, 11, 1)
OWN_FINDINGS: tuple[Finding, ...] = (
    ("Pagepal", "no agreement", None),
    ("Storyjar", "no agreement", None),
    ("Pixelbarn", "ended", None),
    ("Steadily", "not allowed", "work"),
)
"""What the sample district plants by itself."""
GOALS = {
    "judge_cpu_seconds": Goal(at_most=3),
    "mail_totals_wrong": require_exactly(0),
    "planted": Goal(at_least=12),
    "missed": require_exactly(0),
    "reported_besides": require_exactly(0),
    "cannot_tell_wrong": require_exactly(0),
    "near_miss_kinds": Goal(at_least=12),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return the medians of the figures."""
    return compute_medians([{**_judge_sample(), **_judge_many()} for _ in range(runs)])


def _judge_sample() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        sample, data = folder / "sample", folder / "data"
        options = ("--students", "500", "--seed", "3", "--today", TODAY.isoformat())
        require_exit_code(run_homeroom("sample", str(sample), *options, data=data))
        planted = plant_vendors(sample, today=TODAY, out=folder)
        today = ("--today", TODAY.isoformat())
        require_exit_code(run_homeroom("load", str(sample), *today, data=data), codes=(0, 1))
        for item in planted.shipments:
            arguments = ("sent", str(item.path), "--to", item.to, "--on", item.on.isoformat(), *today)
            require_exit_code(run_homeroom(*arguments, data=data))
        cost = require_exit_code(run_homeroom("vendors", "--json", *today, data=data))
    return compare_reported(cost.out, planted, own=OWN_FINDINGS)


def _judge_many() -> dict[str, float]:
    from bench.vendors.many_grants import build_large_district
    from homeroom.engines.comply.privacy.flow_inputs import read_inputs
    from homeroom.engines.comply.privacy.flow_review import review_vendors
    from homeroom.evidence.query.session import open_session_over
    from homeroom.library.comply.privacy.elements import load_elements, load_vocabulary

    district = build_large_district(grants=GRANTS, agreements=AGREEMENTS, bundles=BUNDLES)
    weights = {entry.id: entry.weight for entry in load_elements()}
    with open_session_over(district.tables) as session:
        start = time.process_time()
        inputs = read_inputs(session, vocabulary=load_vocabulary(), today=TODAY)
        reviews = review_vendors(inputs, weights=weights, today=TODAY)
        seconds = time.process_time() - start
    beyond = {
        review.product: entry.children for review in reviews for entry in review.overreach if entry.element == "mail"
    }
    expected = {
        product: count for product, count in district.mail_readers.items() if int(product.split()[1]) % 3 and count
    }
    wrong = sum(beyond.get(product) != count for product, count in expected.items())
    wrong += len(set(beyond) - set(expected))
    return {"judge_cpu_seconds": seconds, "mail_totals_wrong": float(wrong), "reviews": float(len(reviews))}


if __name__ == "__main__":
    print(json.dumps(measure(runs=1)))
