"""The reason why one record of a log cannot be judged."""

from __future__ import annotations


class RecordRejected(ValueError):
    """Raised with the reason if one record cannot be read; all others can."""
