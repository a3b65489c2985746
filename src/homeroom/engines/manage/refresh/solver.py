"""HiGHS on a linear model: silent, within a time, with the best bound that it proved.

HiGHS can pass its own time limit and prints a banner to standard output. Here a clock outside cancels it, and what
still does not stop is left behind with the best solution so far.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from highspy import Highs, HighsModelStatus, HighsVarType, MatrixFormat, ObjSense, SolutionStatus

from homeroom.engines.manage.refresh.linear_model import LinearModel

GRACE_SECONDS = 5.0
POLL_SECONDS = 0.5
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LinearSolution:
    """The best values of all columns, or None, and the bound of the objective that was proved."""

    values: Values | None
    bound: float
    is_optimal: bool


def solve_linear_model(
    linear: LinearModel,
    objective: Mapping[int, float],
    *,
    seconds: float,
    start: Sequence[float] | Values | None = None,
    is_relaxed: bool = False,
    relative_gap: float = 0.0,
    bounds: tuple[Values, Values] | None = None,
    is_stopped: Callable[[], bool] | None = None,
) -> LinearSolution:
    """Minimize an objective for so many seconds at most, or until `is_stopped` returns True.

    `start` is a solution to begin with, `bounds` are lower and upper ones of all columns in place of the model's. HiGHS
    1.16 can misread a start while it reduces a model, and then claims an objective that its values do not have: such a
    claim is dropped, and the search repeated without the start.
    """
    if not linear.lower:
        return LinearSolution(values=np.zeros(0), bound=0.0, is_optimal=True)
    solver = _create_silent_solver()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    solver.setOptionValue("time_limit", max(seconds, 0.05))
    solver.setOptionValue("mip_rel_gap", relative_gap)
    solver.setOptionValue("mip_abs_gap", 1e-6)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-6)
    _pass_model(solver, linear, objective, is_relaxed=is_relaxed, bounds=bounds)
    if start is not None:
        first = np.asarray(start, dtype=np.float64)
        solver.setSolution(len(first), np.arange(len(first), dtype=np.int32), first)
    solution, claimed = _run_with_clock(solver, seconds, is_stopped)
    if start is None or solution.values is None or claimed is None:
        return solution
    actual = sum(cost * float(solution.values[column]) for column, cost in objective.items())
    if actual <= claimed + max(1e-4, 1e-7 * abs(actual)):
        return solution
    return solve_linear_model(
        linear,
        objective,
        seconds=seconds,
        is_relaxed=is_relaxed,
        relative_gap=relative_gap,
        bounds=bounds,
        is_stopped=is_stopped,
    )


def _create_silent_solver() -> Highs:
    """Create a solver; the first one of a process prints a banner to the descriptor of standard output."""
    sys.stdout.flush()
    output = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        return Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.close(nowhere)


def _pass_model(
    solver: Highs,
    linear: LinearModel,
    objective: Mapping[int, float],
    *,
    is_relaxed: bool,
    bounds: tuple[Values, Values] | None,
) -> None:
    columns = len(linear.lower)
    costs = np.zeros(columns)
    for column, cost in objective.items():
        costs[column] = cost
    lower, upper = bounds or (np.array(linear.lower), np.array(linear.upper))
    integer, continuous = int(HighsVarType.kInteger), int(HighsVarType.kContinuous)
    kinds = np.where(np.array(linear.is_whole, dtype=bool) & (not is_relaxed), integer, continuous).astype(np.int32)
    solver.passModel(
        columns,
        len(linear.row_lower),
        len(linear.columns),
        int(MatrixFormat.kRowwise),
        int(ObjSense.kMinimize),
        0.0,
        costs,
        lower,
        upper,
        np.array(linear.row_lower),
        np.array(linear.row_upper),
        np.array(linear.row_starts, dtype=np.int32),
        np.array(linear.columns, dtype=np.int32),
        np.array(linear.coefficients),
        kinds,
    )


class _Progress:
    """The best solution and bound that the solver reported while it ran."""

    def __init__(self) -> None:
        self.values: Values | None = None
        self.bound = -np.inf

    def note_solution(self, event: Any) -> None:
        """Remember a better solution."""
        self.values = np.array(event.data_out.mip_solution)
        self.note_bound(event)

    def note_bound(self, event: Any) -> None:
        """Remember the bound."""
        self.bound = max(self.bound, event.data_out.mip_dual_bound)


def _wait_for_run(run: threading.Thread, seconds: float, is_stopped: Callable[[], bool] | None) -> None:
    """Wait until a run ends, its time is over, or it is stopped."""
    if is_stopped is None:
        run.join(seconds)
        return
    deadline = time.monotonic() + seconds
    while run.is_alive() and (left := deadline - time.monotonic()) > 0 and not is_stopped():
        run.join(min(left, POLL_SECONDS))


def _run_with_clock(
    solver: Highs, seconds: float, is_stopped: Callable[[], bool] | None
) -> tuple[LinearSolution, float | None]:
    """Return the solution, and the objective that the solver claims for its values."""
    progress = _Progress()
    solver.HandleUserInterrupt = True
    solver.cbMipImprovingSolution += progress.note_solution
    solver.cbMipInterrupt += progress.note_bound
    # Not startSolve(): its lock is shared by all solvers of a process.
    run = threading.Thread(target=solver.run, daemon=True)
    run.start()
    _wait_for_run(run, seconds, is_stopped)
    if run.is_alive():
        solver.cancelSolve()  # type: ignore[no-untyped-call]
        run.join(GRACE_SECONDS)
    if run.is_alive():
        return LinearSolution(values=progress.values, bound=progress.bound, is_optimal=False), None
    info = solver.getInfo()
    is_optimal = solver.getModelStatus() == HighsModelStatus.kOptimal
    has_values = info.primal_solution_status == int(SolutionStatus.kSolutionStatusFeasible)
    values = np.array(solver.getSolution().col_value) if has_values else progress.values
    is_mixed = info.mip_node_count >= 0
    bound = info.mip_dual_bound if is_mixed else (info.objective_function_value if is_optimal else -np.inf)
    claimed = float(info.objective_function_value) if has_values else None
    return LinearSolution(values=values, bound=max(bound, progress.bound), is_optimal=is_optimal), claimed
