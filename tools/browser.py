"""The Chromium of the browser tests: the system's, or installed from Debian's packages where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

NAMES = (
    *("chromium-headless-shell", "chrome-headless-shell"),
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"),
)
"""Those without a window first: they take less of a processor for each page."""
PACKAGES = ("chromium-headless-shell", "chromium")
"""Debian's. Releases before 13 have the second alone."""
TIMEOUT_SECONDS = 180
APT_GET = ("apt-get", "-qq", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


def find_browser() -> str:
    """Return the browser's path, empty if there is none.

    HOMEROOM_CHROMIUM comes first, then a browser on PATH, then one in its usual place.
    """
    configured = os.environ.get("HOMEROOM_CHROMIUM", "")
    on_path = (shutil.which(name) for name in NAMES)
    installed = (path_name for path_name in PLACES if Path(path_name).exists())
    return configured or next((path for path in on_path if path), "") or next(installed, "")


def ensure_browser() -> str:
    """Return the browser's path.

    Install Debian's package if there is no browser without a window, apt-get is available and the user is root.
    """
    is_configured = bool(os.environ.get("HOMEROOM_CHROMIUM"))
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    if not is_configured and is_root and shutil.which("apt-get") and "headless-shell" not in find_browser():
        _run_apt_get("update")
        for package in PACKAGES:
            if not find_browser() or package == PACKAGES[0]:
                _run_apt_get("install", "-y", "--no-install-recommends", package, "fonts-dejavu-core")
    return find_browser()


def _run_apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [*APT_GET, *arguments],
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
        )
