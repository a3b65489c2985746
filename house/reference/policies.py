"""The page of policies over tenant settings: what should be true, the published id, what to do, and what schools ask otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from homeroom.engines.baselines.policies import Policy
from homeroom.engines.baselines.profiles import Profile
from homeroom.library.baselines import policies
from homeroom.library.profiles import profiles
from house.reference.markdown import table_of

INTRODUCTION = """# Policies over tenant settings

What should be true of the settings of Google Workspace and Microsoft 365. Each stands in one file below
`content/baselines/` with its own proof; [a policy in five minutes](../guides/a-policy-in-five-minutes.md) says how one is
written. The ids in brackets are those of the published baselines (ScubaGoggles, ScubaGear), so that the two can be
compared. *By hand*: no setting shows it, so that somebody has to look.
"""


def page() -> str:
    """Every policy by suite and product, then what each profile changes."""
    rows = policies()
    parts = [INTRODUCTION]
    for (suite, product), some in groupby(rows, key=lambda one: (one.suite, one.product)):
        parts += [f"## {suite}: {product}\n", table_of(("policy", "why", "what to do"), [_row(one) for one in some])]
    return "\n".join([*parts, *_profiles(profiles())])


def _row(one: Policy) -> tuple[str, str, str]:
    published = ", ".join(name for name in (one.compares, *one.also) if name)
    said = f"**{one.title}** `{one.id}`{f' ({published})' if published else ''}, {one.severity}"
    return f"{said}{', by hand' if one.requires is None else ''}", one.because, one.fix


def _profiles(found: Iterable[Profile]) -> Iterator[str]:
    for profile in found:
        names = {one.id: one.title for one in profile.people}
        yield f"## Profile {profile.id}: {profile.title}\n"
        yield table_of(
            ("policies", "for", "changed", "because"),
            [
                (
                    ", ".join(f"`{name}`" for name in change.policies),
                    "; ".join(names[name] for name in change.people) or "everybody",
                    "left out" if change.requires is None else "asked otherwise",
                    change.because,
                )
                for change in profile.changes
            ],
        )
