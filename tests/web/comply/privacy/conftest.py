"""Fixtures of the privacy pages."""

from tests.apps.comply.privacy.conftest import family

__all__ = ["family"]
