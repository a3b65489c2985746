"""Shared by all tests: a separate data folder, set before Django reads its settings, and Hypothesis profiles."""

import atexit
import os
import shutil
import tempfile

import django
from hypothesis import settings

# Always a new folder: the one that the caller's environment names may be a real district's.
os.environ["HOMEROOM_DATA"] = tempfile.mkdtemp(prefix="homeroom-tests-")
atexit.register(shutil.rmtree, os.environ["HOMEROOM_DATA"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
django.setup()

# No test depends on timing. CI tries the same examples each time; everywhere else new ones are tried.
settings.register_profile("new", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same" if os.environ.get("CI") else "new")
