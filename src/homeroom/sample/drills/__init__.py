"""Simulated phishing drills: eight worlds of logs in which it is known whose each click was.

`build_world` builds the drills of a world from a seed, `write_world` writes them as gophish, KnowBe4, Microsoft and
Homeroom's own log do, with the people's schools and truth.json. People, addresses and schools are invented; networks
and programs of vendors are real (vendors.py has the sources). No code and no constant is shared with what judges them.
"""

from __future__ import annotations

from homeroom.sample.drills.generate import WrittenWorld, write_world
from homeroom.sample.drills.worlds import build_world, list_worlds

__all__ = ["WrittenWorld", "build_world", "list_worlds", "write_world"]
