"""Prepare a web process before its first page: views, templates and content, about a second of work."""

from __future__ import annotations

import gc
from pathlib import Path

from django.template.loader import get_template
from django.urls import get_resolver

from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.tenants.settings import K12_PROFILE
from homeroom.library.know.software import load_products
from homeroom.library.protect.frameworks import load_frameworks
from homeroom.library.protect.profiles import get_profile

WEB = Path(__file__).parent.parent
GC_THRESHOLD = 2_000
"""Number of new objects before Python looks for reference cycles. A page leaves a few thousand; with more of them at a
time, a page in twenty waits 30 ms.
"""


def warm() -> None:
    """Import every view, compile every template and read the content that pages name; their loaders cache all of it.

    What is there then stays for good: Python need not look through it for reference cycles while it answers a page.
    """
    get_resolver().url_patterns  # noqa: B018  (reading it imports the views)
    for folder in sorted(WEB.rglob("templates")):
        for path in sorted(folder.rglob("*.html")):
            get_template(path.relative_to(folder).as_posix())
    load_all_controls(), load_frameworks(), get_profile(K12_PROFILE), load_products()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 10, 10)
