"""The reference page of connectors: what each reads, and its quality, from manifest.yaml and quality.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import homeroom
from homeroom.ingest.remote.api_spec import Feed
from homeroom.library.api_specs import load_api_specs
from tools.reference.markdown import render_table

FOLDER = Path(homeroom.__file__).parent / "connectors"
INTRODUCTION = """# Connectors

Each file is recognised by its content: of the kinds below, the one whose names are all there and of which most are
found. `homeroom connectors` prints the same list.
"""


def render_page() -> str:
    """Render every connector with the kinds of file that it reads, and its quality checklist."""
    return "\n".join(
        [INTRODUCTION, *(part for path in sorted(FOLDER.glob("*/manifest.yaml")) for part in _render_section(path))]
    )


def _render_section(path: Path) -> Iterator[str]:
    manifest = _load_yaml(path)
    yield f"## {manifest['name']}\n\n{manifest['title']}.\n"
    rows = [
        (
            kind["title"] + (f" (`{kind['member']}`)" if kind.get("member") else ""),
            kind["form"],
            ", ".join(f"`{name}`" for name in kind.get("needs", ())),
            ", ".join(f"`{name}`" for name in kind.get("tables", ())) or "nothing is kept",
        )
        for kind in manifest.get("kinds", ())
    ]
    yield render_table(("reads", "form", "must have", "fills"), rows)
    for api in load_api_specs():
        if api.connector.name == manifest["name"]:
            yield f"{api.client.title} is asked over its API (`homeroom connect {api.client.name}`):\n"
            feeds = [
                (feed.title, " ".join(f"`{scope}`" for scope in feed.scopes), _describe_requests(feed))
                for feed in api.client.feeds
            ]
            yield render_table(("list", "rights", "asked for"), feeds)
    quality = path.with_name("quality.yaml")
    if quality.exists():
        yield render_table(
            ("quality", "state"), [(name.replace("_", " "), str(state)) for name, state in _load_yaml(quality).items()]
        )


def _describe_requests(feed: Feed) -> str:
    optional = "; may be refused" if feed.optional else ""
    if feed.child is not None:
        return f"once for each of {feed.child.parent}{optional}"
    return (
        "everything each time" if feed.incremental == "none" else "what changed, and everything once a week"
    ) + optional


def _load_yaml(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
