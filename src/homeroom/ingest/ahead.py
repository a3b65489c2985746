"""Reading ahead: the next parts of a load are taken apart while what was made of this one is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor


def ahead[Part](parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts in the same order, the next one in the making in a thread of its own. What it raises is raised here.

    Taking JSON apart keeps the interpreter busy, and columns are worked on outside of it, so that both go on together.
    """
    with ThreadPoolExecutor(max_workers=1) as worker:
        waiting = worker.submit(next, parts, None)
        while (part := waiting.result()) is not None:
            waiting = worker.submit(next, parts, None)
            yield part


def abreast[Item, Made](make: Callable[[Item], Made], items: Iterable[Item], *, at_once: int) -> Iterator[Made]:
    """What is made of each of the items, in their order, `at_once` of them in the making. What that raises is raised here."""
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(max_workers=at_once) as workers:
        for item in items:
            waiting.append(workers.submit(make, item))
            if len(waiting) > at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
