"""The Chromium that the journeys use: the system's, installed from Debian's packages where that may be done."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


def found() -> str:
    """The browser's path: HOMEROOM_CHROMIUM, else one on PATH or in its usual place; empty where there is none."""
    named = os.environ.get("HOMEROOM_CHROMIUM", "")
    on_path = (shutil.which(name) for name in NAMES)
    usual = (place for place in PLACES if Path(place).exists())
    return named or next((path for path in on_path if path), "") or next(usual, "")


def ensured() -> str:
    """As `found`, after installing Debian's package as root where there is none and apt-get is at hand."""
    if not found() and shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
            env=quiet,
            check=False,
        )
    return found()
