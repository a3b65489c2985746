"""Calls with reserved call stack: nothing changes but where Python keeps its frames."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from homeroom.evidence.call_stack import call_with_reserved_stack

CALLS = 300
MOST_FAULTS = CALLS // 2


def count_page_faults(depth: int) -> int:
    """Count the pages that the system provides while a loop calls a function at a depth of the stack."""
    import resource

    def call_at(levels: int) -> int:
        if levels:
            return call_at(levels - 1)
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        for number in range(CALLS):
            compute_distance(number)
        return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before

    return call_at(depth)


def compute_distance(number: int) -> int:
    return abs(number)


def run_in_new_thread(function: Callable[[], object]) -> None:
    """Run a function where the stack is empty: the tests themselves run with reserved stack."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_what_is_called_gets_its_arguments_and_its_result_comes_back() -> None:
    assert call_with_reserved_stack(sorted, [3, 1, 2], reverse=True) == [3, 2, 1]
    assert call_with_reserved_stack(lambda: call_with_reserved_stack(divmod, 7, 2)) == (3, 1)


def test_an_exception_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        call_with_reserved_stack(divmod, 1, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the page faults of Linux")
def test_no_loop_at_any_depth_asks_for_memory_with_each_call() -> None:
    faults: list[int] = []
    run_in_new_thread(
        lambda: faults.extend(call_with_reserved_stack(count_page_faults, depth) for depth in range(1, 300))
    )
    assert len(faults) == 299
    assert max(faults) < MOST_FAULTS


def test_recursion_still_ends_at_the_limit_of_python() -> None:
    def call_without_end(number: int) -> int:
        return call_without_end(number + 1)

    with pytest.raises(RecursionError):
        call_with_reserved_stack(call_without_end, 0)
