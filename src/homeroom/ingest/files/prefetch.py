"""Prefetching: parse the next parts of a load in a thread while the current part is processed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor


def prefetch[Part](parts: Iterator[Part]) -> Iterator[Part]:
    """Yield the same parts in the same order while a thread of its own produces the next one.

    Exceptions of the iterator are raised here. Parsing JSON keeps the interpreter busy while column operations run
    outside of it, so that the two overlap.
    """
    with ThreadPoolExecutor(max_workers=1) as worker:
        pending = worker.submit(next, parts, None)
        while (part := pending.result()) is not None:
            pending = worker.submit(next, parts, None)
            yield part


def map_ordered[Item, Made](make: Callable[[Item], Made], items: Iterable[Item], *, at_once: int) -> Iterator[Made]:
    """Yield the result for each item, in the order of the items, with `at_once` of them in progress.

    Exceptions of `make` are raised here.
    """
    pending: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(max_workers=at_once) as workers:
        for item in items:
            pending.append(workers.submit(make, item))
            if len(pending) > at_once:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
