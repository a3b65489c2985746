"""The reference pages of the engines' steps: which temporary table is written and read where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.engines.know.resolve import pipeline
from homeroom.engines.protect.vulnerabilities import engine, gap_review
from homeroom.evidence.query.steps import Stage, iter_steps
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights
from tools.reference.markdown import render_table

_ANY_DAY = date(2026, 1, 15)
"""A day to build the steps with; it is not printed."""
_INDENT = "&emsp;"


@dataclass(frozen=True, kw_only=True)
class _Engine:
    """An engine with its stages, and the tables that exist before the first and after the last step."""

    file: str
    title: str
    introduction: str
    prefix: str
    stages: Sequence[Stage]
    inputs: Collection[str]
    outputs: Collection[str]


def _list_engines() -> tuple[_Engine, ...]:
    return (
        _Engine(
            file="resolve",
            title="Steps of entity resolution",
            introduction="[How matching works](../../know/how-matching-works.md) explains what they decide.",
            prefix=pipeline.PREFIX,
            stages=pipeline.list_resolve_stages(today=_ANY_DAY),
            inputs=pipeline.INPUTS,
            outputs=pipeline.OUTPUTS,
        ),
        _Engine(
            file="vulnerabilities",
            title="Steps of vulnerability matching",
            introduction="",
            prefix=engine.PREFIX,
            stages=engine.list_vulnerability_stages(products=(), weights=load_vulnerability_weights(), today=_ANY_DAY),
            inputs=engine.INPUTS,
            outputs=engine.OUTPUTS,
        ),
        _Engine(
            file="vulnerability_review",
            title="Steps of a vulnerability review",
            introduction="",
            prefix=engine.PREFIX,
            stages=gap_review.list_review_stages(
                days={"medium": 30}, today=_ANY_DAY, ensure_remedies=lambda needed: needed
            ),
            inputs=gap_review.REVIEW_INPUTS,
            outputs=gap_review.REVIEW_OUTPUTS,
        ),
    )


def render_pages() -> dict[str, str]:
    """Render a page for each engine: the graph of its stages, then the steps of each stage."""
    return {f"steps/{engine.file}.md": _render_engine(engine) for engine in _list_engines()}


def _render_engine(engine: _Engine) -> str:
    parts = [
        f"# {engine.title}",
        f"The temporary tables that each step reads and writes, in the order of the steps. Their names in SQL begin "
        f"with `{engine.prefix}`. A table is dropped after the last step that reads it. {engine.introduction}",
        f"Before the first step: {_format_names(engine.inputs)}. After the last: {_format_names(engine.outputs)}.",
        _render_graph(engine),
    ]
    for stage in engine.stages:
        rows = [
            (
                _INDENT * depth + step.name + (" (only if needed)" if step.when else ""),
                _format_names(step.reads),
                _format_names(step.writes),
            )
            for depth, step in iter_steps(stage.steps)
        ]
        parts += [f"## Stage: {stage.name}", render_table(("step", "reads", "writes"), rows)]
    return "\n\n".join(parts)


def _render_graph(engine: _Engine) -> str:
    """Return a Mermaid flowchart: an edge from each stage to the stages that read a table as it left it."""
    writers = dict.fromkeys(engine.inputs, "inputs")
    edges: dict[tuple[str, str], dict[str, None]] = {}
    for stage in engine.stages:
        for step in stage.steps:
            for name in step.reads:
                if writers[name] != stage.name:
                    edges.setdefault((writers[name], stage.name), {})[name] = None
            writers |= dict.fromkeys(step.writes, stage.name)
    for name in engine.outputs:
        edges.setdefault((writers[name], "result"), {})[name] = None
    lines = [
        f'    {_make_id(source)}["{source}"] -->|"{_format_edge(tables)}"| {_make_id(target)}["{target}"]'
        for (source, target), tables in edges.items()
    ]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def _format_edge(tables: Collection[str]) -> str:
    names = sorted(tables)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _make_id(stage: str) -> str:
    return stage.replace(" ", "_")


def _format_names(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
