"""Invented fortnights: two weeks of a small district's logs, with intrusions and with what only looks like them.

`generate_fortnight` writes, from a seed, lists/ (who has which account, the school calendar, announced work, canaries),
logs/ (Google's activities, Entra's sign-ins and directory changes, the unified audit log, Intune's audit log, events of
Windows servers and a lab) and truth.json. Records are written after the vendors' schemas; no code and no constant is
shared with what reads or judges them.

An ordinary fortnight has about 24,000 records. Four of 20 kinds of intrusion happen in it, none before its fifth day,
and 12 of 24 kinds of look-alike; five seeds have all. No two stories share a person, except administrators.

Everything is invented: addresses are of ranges for documentation and measurement, names of domains end in .example.
"""

from __future__ import annotations

from homeroom.sample.fortnights.generate import GeneratedFortnight, generate_fortnight

__all__ = ["GeneratedFortnight", "generate_fortnight"]
