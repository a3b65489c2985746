"""Faults on the way to a console, by script: at random calls of a seed, never so often that nothing gets through."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.services.console import Console, Reply

FAULT_ONE_IN = 3
MAX_CONSECUTIVE = 2


@dataclass(frozen=True, kw_only=True)
class ConsoleFault:
    """One kind of fault.

    `reply_instead` gives a reply in the console's place; `prepare` is applied to the console first; `sent_share` is how
    much of the reply is sent before the connection is cut (None: all), `declares_length` whether its length is sent
    before. `min_gap` is the least number of calls between two of them.
    """

    reply_instead: Callable[[Console], Reply] | None = None
    prepare: Callable[[Console], None] | None = None
    sent_share: float | None = None
    declares_length: bool = True
    min_gap: int = 0


FAULTS: Mapping[str, ConsoleFault] = {
    "too many requests": ConsoleFault(reply_instead=lambda _: Reply(status=429, headers={"Retry-After": "7"}, body={})),
    "too many requests, and nothing said": ConsoleFault(reply_instead=lambda _: Reply(status=429, body={})),
    "an error of the console": ConsoleFault(reply_instead=lambda _: Reply(status=500, body=b"<html>oops</html>")),
    "no service for a while": ConsoleFault(
        reply_instead=lambda _: Reply(status=503, headers={"Retry-After": "20"}, body=b"")
    ),
    "a token that ended": ConsoleFault(prepare=lambda console: console.expire_tokens(), min_gap=4),
    "a connection cut in mid-page": ConsoleFault(sent_share=0.5),
    "a connection cut in mid-page, its length unsaid": ConsoleFault(sent_share=0.7, declares_length=False),
    "a connection cut before the answer": ConsoleFault(sent_share=0.0),
    "a slow answer": ConsoleFault(prepare=lambda _: time.sleep(0.01)),
}


class FaultScript:
    """Decides for each call whether a fault of these kinds happens to it. `occurred` are the kinds that did."""

    def __init__(self, *kinds: str, seed: int = 0) -> None:
        self._kinds = kinds
        self._random = random.Random(seed)
        self._consecutive = 0
        self._cooldowns: dict[str, int] = {}
        self.occurred: set[str] = set()

    def draw_next(self) -> ConsoleFault | None:
        """Return the fault of this call, or None."""
        self._cooldowns = {kind: cooldown - 1 for kind, cooldown in self._cooldowns.items() if cooldown}
        available = [kind for kind in self._kinds if kind not in self._cooldowns]
        if not available or self._consecutive >= MAX_CONSECUTIVE or self._random.randrange(FAULT_ONE_IN):
            self._consecutive = 0
            return None
        kind = self._random.choice(available)
        self._consecutive += 1
        self._cooldowns[kind] = FAULTS[kind].min_gap
        self.occurred.add(kind)
        return FAULTS[kind]
