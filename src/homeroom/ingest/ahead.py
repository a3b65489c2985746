"""Reading ahead: the next part of a file is taken apart while what was made of this one is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor


def ahead[Part](parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts in the same order, the next one in the making in a thread of its own. What it raises is raised here.

    Taking JSON apart keeps the interpreter busy, and columns are worked on outside of it, so that both go on together.
    """
    with ThreadPoolExecutor(max_workers=1) as worker:
        waiting = worker.submit(next, parts, None)
        while (part := waiting.result()) is not None:
            waiting = worker.submit(next, parts, None)
            yield part
