"""The reference pages of connectors: one page for each manifest.yaml with its quality.yaml, and an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import homeroom
from homeroom.ingest.remote.api_spec import Feed
from homeroom.library.know.api_specs import load_api_specs
from homeroom.library.yaml_loader import parse_strict_yaml
from tools.reference.markdown import render_table

FOLDER = Path(homeroom.__file__).parent / "connectors"
INTRODUCTION = """# Connectors

Each file is recognized by its content: among the kinds of file on these pages it is the kind whose required names are
all present and that matches the most names. `homeroom connectors` prints the same list.
"""


def render_pages() -> dict[str, str]:
    """Render a page for each connector, and the index of all."""
    manifests = {path: _load_yaml(path) for path in sorted(FOLDER.glob("*/manifest.yaml"))}
    rows = [(f"[{manifest['name']}]({manifest['name']}.md)", manifest["title"]) for manifest in manifests.values()]
    index = "\n".join([INTRODUCTION, render_table(("connector", "reads"), rows)])
    pages = {
        f"connectors/{manifest['name']}.md": "\n".join(_render_connector(manifest, path.with_name("quality.yaml")))
        for path, manifest in manifests.items()
    }
    return {"connectors/README.md": index} | pages


def _describe_needs(kind: dict[str, Any]) -> str:
    needs, first_of = ([f"`{name}`" for name in kind.get(word, ())] for word in ("needs", "first_of"))
    return "; ".join(part for part in (", ".join(needs), first_of and f"one of {', '.join(first_of)}") if part)


def _render_connector(manifest: dict[str, Any], quality: Path) -> Iterator[str]:
    yield f"# {manifest['name']}\n\n{manifest['title']}. [All connectors](README.md).\n"
    rows = [
        (
            kind["title"] + (f" (`{kind['member']}`)" if kind.get("member") else ""),
            kind["form"],
            _describe_needs(kind),
            ", ".join(f"`{name}`" for name in kind.get("tables", ())) or "stores nothing",
        )
        for kind in manifest.get("kinds", ())
    ]
    yield render_table(("reads", "form", "must have", "fills"), rows)
    for api in load_api_specs():
        if api.connector.name == manifest["name"]:
            yield f"{api.client.title} is also read over its API (`homeroom connect {api.client.name}`):\n"
            feeds = [
                (feed.title, " ".join(f"`{scope}`" for scope in feed.scopes), _describe_requests(feed))
                for feed in api.client.feeds
            ]
            yield render_table(("list", "rights", "requests"), feeds)
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
    document: dict[str, Any] = parse_strict_yaml(path.read_text(encoding="utf-8"))
    return document
