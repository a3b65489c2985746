"""The Chromium of the browser tests: the system's, or installed from Debian's packages where that is possible."""

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

    Install Debian's package if no browser is there, apt-get is available and the user is root.
    """
    if not find_browser() and shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
            env=environment,
            check=False,
        )
    return find_browser()
