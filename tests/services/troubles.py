"""What goes wrong on the way to a console, by script: at random calls of a seed, and never so often that nothing comes through."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.services.console import Console, Reply

ONE_IN = 3
IN_A_ROW = 2


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One kind of trouble. `instead` gives a reply in the console's place; `before` is done to the console first; `sent` is how
    much of the answer is sent before the connection is cut (None: all), `length` whether its length is said before. `apart` is
    how many calls at least lie between two of them."""

    instead: Callable[[Console], Reply] | None = None
    before: Callable[[Console], None] | None = None
    sent: float | None = None
    length: bool = True
    apart: int = 0


TROUBLES: Mapping[str, Trouble] = {
    "too many requests": Trouble(instead=lambda _: Reply(status=429, headers={"Retry-After": "7"}, body={})),
    "too many requests, and nothing said": Trouble(instead=lambda _: Reply(status=429, body={})),
    "an error of the console": Trouble(instead=lambda _: Reply(status=500, body=b"<html>oops</html>")),
    "no service for a while": Trouble(instead=lambda _: Reply(status=503, headers={"Retry-After": "20"}, body=b"")),
    "a token that ended": Trouble(before=lambda console: console.expire(), apart=4),
    "a connection cut in mid-page": Trouble(sent=0.5),
    "a connection cut in mid-page, its length unsaid": Trouble(sent=0.7, length=False),
    "a connection cut before the answer": Trouble(sent=0.0),
    "a slow answer": Trouble(before=lambda _: time.sleep(0.01)),
}


class Troubles:
    """Decides for each call whether a trouble of these kinds happens to it. `met` are the kinds that did."""

    def __init__(self, *kinds: str, seed: int = 0) -> None:
        self._kinds = kinds
        self._random = random.Random(seed)
        self._row = 0
        self._rest: dict[str, int] = {}
        self.met: set[str] = set()

    def next(self) -> Trouble | None:
        """The trouble of this call, or None."""
        self._rest = {kind: rest - 1 for kind, rest in self._rest.items() if rest}
        free = [kind for kind in self._kinds if kind not in self._rest]
        if not free or self._row >= IN_A_ROW or self._random.randrange(ONE_IN):
            self._row = 0
            return None
        kind = self._random.choice(free)
        self._row += 1
        self._rest[kind] = TROUBLES[kind].apart
        self.met.add(kind)
        return TROUBLES[kind]
