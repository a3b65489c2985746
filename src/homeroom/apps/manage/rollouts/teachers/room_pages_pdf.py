"""Pages of rooms as PDF: tagged for assistive technology (PDF/UA-1), typeset from data that is never markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from homeroom.apps.manage.rollouts.teachers.room_pages import RoomPage

TYPST_TEMPLATE = Path(__file__).parent.parent / "templates" / "rollouts" / "room_pages.typ"


def render_room_pages(pages: Sequence[RoomPage], *, title: str) -> bytes:
    """Render the PDF of some pages. Every text reaches the typesetter as data beside the template."""
    import typst

    data = {"title": title, "pages": [_build_page_data(page) for page in pages]}
    content: bytes = typst.compile(
        TYPST_TEMPLATE.read_bytes(), sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"]
    )
    return content


def _build_page_data(page: RoomPage) -> dict[str, Any]:
    texts = [asdict(text) for text in page.texts]
    return {
        "school": page.school,
        "room": page.room,
        "texts": texts,
        "link": page.link,
        "svg": page.code.build_svg() if page.code else "",
    }
