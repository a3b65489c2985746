"""Fixtures of the privacy pages."""

from tests.apps.privacy.conftest import family

__all__ = ["family"]
