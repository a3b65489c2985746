"""Make the pictures of README.md with Chromium: screenshots of the demo at a fixed time, in docs/pictures/."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tools.browser import ensure_browser
from tools.steps import PYTHON, CheckStep, create_isolated_environment, print_outcome, run_step

MODULE = "tests.web.journeys.readme.pictures"


def run_pictures(arguments: Sequence[str]) -> int:
    """Make all pictures; return 2 if there is no browser, 1 if it failed, else 0."""
    if arguments:
        print("usage: python -m tools pictures", file=sys.stderr)
        return 2
    browser = ensure_browser()
    if not browser:
        print("no Chromium: set HOMEROOM_CHROMIUM or install chromium", file=sys.stderr)
        return 2
    step = CheckStep(name="pictures", command=(PYTHON, "-m", MODULE), environment={"HOMEROOM_CHROMIUM": browser})
    with create_isolated_environment() as environment:
        return 0 if print_outcome(run_step(step, environment=environment)) else 1
