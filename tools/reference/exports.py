"""The reference page of exports: for each system, the least rights and the steps, from content/guides."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.guides import ExportGuide, GuideExport
from homeroom.library.guides import load_guides

INTRODUCTION = """# Making the exports, system by system

The first run shows the same pages for the systems that a district says it has. Save all files into one folder, then
`homeroom load FOLDER` or drop them in the browser: each is recognised by its content.
"""


def render_page() -> str:
    """Render every guide."""
    return "\n".join([INTRODUCTION, *(part for guide in load_guides() for part in _render_section(guide))])


def _render_section(guide: ExportGuide) -> Iterator[str]:
    yield f"## {guide.title}\n"
    yield f"It tells: {guide.gives}\n"
    yield f"**Rights.** {guide.rights}\n"
    yield f"**Leave out.** {guide.leaves_out}\n"
    for export in guide.exports:
        yield from _render_export(export)
    read_by = ", ".join(f"[{name}](connectors.md#{name})" for name in guide.connectors)
    sources = ", ".join(f"<{source}>" for source in guide.sources)
    yield f"Read by {read_by}. Checked on {guide.checked_on} against {sources}\n"


def _render_export(export: GuideExport) -> Iterator[str]:
    yield f"### {export.title}\n"
    yield "\n".join(f"{number}. {step}" for number, step in enumerate(export.steps, 1)) + "\n"
    if export.command:
        yield f"```\n{export.command}\n```\n"
