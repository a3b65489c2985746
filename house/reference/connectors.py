"""The page of connectors: what each reads, and how far it is done, from its manifest.yaml and quality.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import homeroom
from homeroom.ingest.remote.client import Feed
from homeroom.library.clients import clients
from house.reference.markdown import table_of

FOLDER = Path(homeroom.__file__).parent / "connectors"
INTRODUCTION = """# Connectors

Each file is recognised by its content: of the kinds below, the one whose names are all there and of which most are
found. `homeroom connectors` prints the same list.
"""


def page() -> str:
    """Every connector with the kinds of file that it reads, and its quality marks."""
    return "\n".join(
        [INTRODUCTION, *(part for path in sorted(FOLDER.glob("*/manifest.yaml")) for part in _section(path))]
    )


def _section(path: Path) -> Iterator[str]:
    manifest = _read(path)
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
    yield table_of(("reads", "form", "must have", "fills"), rows)
    for one in clients():
        if one.connector.name == manifest["name"]:
            yield f"{one.client.title} is asked over its API (`homeroom connect {one.client.name}`):\n"
            lists = [
                (feed.title, " ".join(f"`{scope}`" for scope in feed.scopes), _asked(feed)) for feed in one.client.feeds
            ]
            yield table_of(("list", "rights", "asked for"), lists)
    quality = path.with_name("quality.yaml")
    if quality.exists():
        yield table_of(
            ("quality", "state"), [(name.replace("_", " "), str(state)) for name, state in _read(quality).items()]
        )


def _asked(feed: Feed) -> str:
    optional = "; may be refused" if feed.optional else ""
    if feed.each is not None:
        return f"once for each of {feed.each.of}{optional}"
    return (
        "everything each time" if feed.incremental == "none" else "what changed, and everything once a week"
    ) + optional


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
