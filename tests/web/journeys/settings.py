"""Settings of a served journey: the site's own, at the time that HOMEROOM_MORNING names."""

from __future__ import annotations

import os
from datetime import datetime

from homeroom.config.settings import *  # noqa: F403 (settings are names of a module)

NOW = datetime.fromisoformat(os.environ["HOMEROOM_MORNING"])
