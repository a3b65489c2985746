"""Three published rules for clicks that are no person's, as peers of the judgment.

The first two are Trend Micro Phish Insight's for potential bot activities
(https://success.phishinsight.trendmicro.com/support/solutions/articles/61000296773): a user clicks more than three
times within three seconds, and an address clicks for more than two users. The third, a click within ten seconds of
delivery, is what administrators are advised to look for
(https://www.phinsec.io/knowledge/what-causes-false-positive-phishing-results).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from homeroom.sample.drills.events import DrillEvent, WrittenFile

PublishedRule = Callable[[WrittenFile, Sequence[DrillEvent]], list[bool]]
"""Answers for each click of a file whether it is removed."""
CLICKS, SECONDS, PEOPLE, AFTER_DELIVERY = 3, 3.0, 2, 10.0


def remove_bursts(_file: WrittenFile, clicks: Sequence[DrillEvent]) -> list[bool]:
    """Remove clicks of a recipient that are more than three within three seconds."""
    times: dict[str, list[float]] = defaultdict(list)
    for click in clicks:
        times[click.person].append(click.at.timestamp())
    bursts: set[tuple[str, float]] = set()
    for person, moments in times.items():
        ordered = sorted(moments)
        for first in range(len(ordered) - CLICKS):
            if ordered[first + CLICKS] - ordered[first] <= SECONDS:
                bursts |= {(person, moment) for moment in ordered[first : first + CLICKS + 1]}
    return [(click.person, click.at.timestamp()) in bursts for click in clicks]


def remove_shared_addresses(_file: WrittenFile, clicks: Sequence[DrillEvent]) -> list[bool]:
    """Remove clicks from an address that clicks for more than two recipients."""
    people: dict[str, set[str]] = defaultdict(set)
    for click in clicks:
        if click.address:
            people[click.address].add(click.person)
    return [bool(click.address) and len(people[click.address or ""]) > PEOPLE for click in clicks]


def remove_early_clicks(file: WrittenFile, clicks: Sequence[DrillEvent]) -> list[bool]:
    """Remove clicks within ten seconds of delivery."""
    delivered = file.drill.delivered_at
    return [
        click.person in delivered and (click.at - delivered[click.person]).total_seconds() <= AFTER_DELIVERY
        for click in clicks
    ]


RULES: Mapping[str, PublishedRule] = {
    "three_seconds": remove_bursts,
    "shared_address": remove_shared_addresses,
    "ten_seconds": remove_early_clicks,
}
