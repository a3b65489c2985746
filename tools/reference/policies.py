"""The reference page of tenant policies: requirement, published id, what to do, and profile changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from homeroom.engines.protect.baselines.policies import BaselinePolicy
from homeroom.engines.protect.baselines.profiles import BaselineProfile
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.profiles import load_profiles
from tools.reference.markdown import render_table

INTRODUCTION = """# Policies over tenant settings

What should be true of the settings of Google Workspace and Microsoft 365. Each policy is one file below
`content/baselines/` with its own examples; [a policy in five minutes](../guides/a-policy-in-five-minutes.md) shows how
to write one. The ids in brackets are those of the published baselines (ScubaGoggles, ScubaGear), so that results can be
compared. *By hand*: no setting shows it, so a person has to check.
"""


def render_pages() -> dict[str, str]:
    """Render every policy by suite and product, then what each profile changes."""
    rows = load_policies()
    parts = [INTRODUCTION]
    for (suite, product), group in groupby(rows, key=lambda policy: (policy.suite, policy.product)):
        parts += [
            f"## {suite}: {product}\n",
            render_table(("policy", "why", "what to do"), [_build_row(policy) for policy in group]),
        ]
    return {"policies.md": "\n".join([*parts, *_render_profiles(load_profiles())])}


def _build_row(policy: BaselinePolicy) -> tuple[str, str, str]:
    published = ", ".join(name for name in (policy.compares, *policy.also) if name)
    texts = f"**{policy.title}** (else: {policy.problem})"
    summary = f"{texts} `{policy.id}`{f' ({published})' if published else ''}, {policy.severity}"
    return f"{summary}{', by hand' if policy.requires is None else ''}", policy.because, policy.fix


def _render_profiles(all_profiles: Iterable[BaselineProfile]) -> Iterator[str]:
    for profile in all_profiles:
        names = {group.id: group.title for group in profile.people}
        yield f"## Profile {profile.id}: {profile.title}\n"
        yield render_table(
            ("policies", "for", "changed", "because"),
            [
                (
                    ", ".join(f"`{name}`" for name in change.policies),
                    "; ".join(names[name] for name in change.people) or "everybody",
                    "left out" if change.requires is None else "different requirement",
                    change.because,
                )
                for change in profile.changes
            ],
        )
