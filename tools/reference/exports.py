"""The reference pages of exports: for each system, the least rights and the steps, from content/guides."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.guides import ExportGuide, GuideExport
from homeroom.library.know.guides import load_guides
from tools.reference.markdown import render_table

INTRODUCTION = """# Making the exports, system by system

*Setup* shows the same steps for the systems that a district uses. Save all files into one folder, then run
`homeroom load FOLDER` or drop them into the browser: each file is recognized by its content.
"""


def render_pages() -> dict[str, str]:
    """Render an index of the guides, and a page for each."""
    guides = load_guides()
    index = render_table(("system", "contains"), [(f"[{guide.title}]({guide.id}.md)", guide.gives) for guide in guides])
    pages = {f"exports/{guide.id}.md": "\n".join(_render_guide(guide)) for guide in guides}
    return {"exports/README.md": f"{INTRODUCTION}\n{index}"} | pages


def _render_guide(guide: ExportGuide) -> Iterator[str]:
    yield f"# {guide.title}\n\n[All systems](README.md).\n"
    yield f"**Contains.** {guide.gives}\n"
    yield f"**Who can do this:** {guide.role}\n"
    yield f"**Permissions:** {guide.rights}\n"
    yield f"**Do not export:** {guide.leaves_out}\n"
    for export in guide.exports:
        yield from _render_export(export)
    readers = [f"[{name}](../connectors/{name}.md)" for name in guide.connectors]
    readers += [f"the mapping [{name}](../../know/mapping-files.md)" for name in guide.mappings]
    read_by = ", ".join(readers)
    sources = ", ".join(f"<{source}>" for source in guide.sources)
    yield f"Read by {read_by}. Checked on {guide.checked_on} against {sources}\n"


def _render_export(export: GuideExport) -> Iterator[str]:
    yield f"## {export.title}\n"
    yield "\n".join(f"{number}. {step}" for number, step in enumerate(export.steps, 1)) + "\n"
    if export.note:
        yield f"{export.note}\n"
    if export.command:
        yield f"```\n{export.command}\n```\n"
