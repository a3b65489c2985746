"""The rows of a plan: which group's devices are replaced, retired and added, by which fund and way, in which year."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.domain.manage.refresh.plan import AddedDevices, ReplacedDevices, RetiredDevices
from homeroom.domain.manage.refresh.problem import FleetGroup, RefreshProblem
from homeroom.engines.manage.refresh.allocation import Allocation
from homeroom.engines.manage.refresh.cells import FleetCell, find_due_index
from homeroom.engines.manage.refresh.offers import PaymentOffer
from homeroom.engines.manage.refresh.refresh_model import Pool, RefreshModel


@dataclass(kw_only=True)
class QueuedGroup:
    """Devices of a group that are not handled yet; `due` is the place of their due year in the plan."""

    group: FleetGroup
    due: int
    count: int


@dataclass(kw_only=True)
class PlanRows:
    """Rows of a plan, and devices that waited: (group, cell, due, handled) with `handled` None for never, by count."""

    replaced: list[ReplacedDevices]
    retired: list[RetiredDevices]
    added: list[AddedDevices]
    waited: dict[tuple[str, int, int, int | None], int]


def build_plan_rows(
    problem: RefreshProblem,
    cells: Sequence[FleetCell],
    offers: tuple[PaymentOffer, ...],
    model: RefreshModel,
    allocation: Allocation,
) -> PlanRows:
    """Give each group its part of an allocation: those first that are due first."""
    return _RowBuilder(problem, cells, offers, model, allocation).build()


class _RowBuilder:
    """Builds the rows of one plan."""

    def __init__(
        self,
        problem: RefreshProblem,
        cells: Sequence[FleetCell],
        offers: tuple[PaymentOffer, ...],
        model: RefreshModel,
        allocation: Allocation,
    ) -> None:
        self._problem = problem
        self._cells = cells
        self._model = model
        self._allocation = allocation
        self._rows = PlanRows(replaced=[], retired=[], added=[], waited=defaultdict(int))
        self._queues = self._queue_groups()
        self._purchases: dict[tuple[Pool, int], deque[list[object]]] = defaultdict(deque)
        for (pool, year, offer), count in sorted(allocation.bought.items(), key=lambda item: (item[0][1], item[0][2])):
            self._purchases[pool, year].append([offers[offer], count])

    def _queue_groups(self) -> list[deque[QueuedGroup]]:
        """Return the groups of each cell that are due in the plan, oldest first."""
        queues: dict[tuple[str, str], list[QueuedGroup]] = defaultdict(list)
        for group in self._problem.groups:
            due = find_due_index(self._problem, group)
            if due is not None and due < self._problem.year_count and group.count:
                queues[group.school, group.kind].append(QueuedGroup(group=group, due=due, count=group.count))
        return [
            deque(sorted(queues[cell.school, cell.kind], key=lambda item: (item.group.last_good, item.group.id)))
            for cell in self._cells
        ]

    def build(self) -> PlanRows:
        for number in range(len(self._cells)):
            self._handle_cell(number)
        return self._rows

    def _handle_cell(self, number: int) -> None:
        queue, to_retire = self._queues[number], 0
        for year in range(self._problem.year_count):
            to_retire += self._allocation.retired.get((number, year), 0)
            while to_retire and queue and queue[0].due <= year:
                to_retire -= self._retire(number, queue, to_retire, year)
            left = self._allocation.replaced.get((number, year), 0)
            while left and queue:
                left -= self._replace(number, queue, left, year)
            if added := self._allocation.added.get((number, year), 0):
                self._add(number, added, year)
        for item in queue:
            self._rows.waited[item.group.id, number, item.due, None] += item.count

    def _retire(self, number: int, queue: deque[QueuedGroup], limit: int, year: int) -> int:
        item = queue[0]
        count = min(item.count, limit)
        self._rows.retired.append(
            RetiredDevices(group=item.group.id, year=self._problem.first_year + year, count=count)
        )
        self._take(number, queue, count, year)
        return count

    def _replace(self, number: int, queue: deque[QueuedGroup], limit: int, year: int) -> int:
        item = queue[0]
        offer, count = self._take_payment(number, year, min(item.count, limit))
        self._rows.replaced.append(
            ReplacedDevices(
                group=item.group.id,
                year=self._problem.first_year + year,
                fund=offer.fund,
                way=offer.way,
                count=count,
            )
        )
        self._take(number, queue, count, year)
        return count

    def _add(self, number: int, count: int, year: int) -> None:
        cell = self._cells[number]
        while count:
            offer, paid = self._take_payment(number, year, count)
            self._rows.added.append(
                AddedDevices(
                    school=cell.school,
                    kind=cell.kind,
                    year=self._problem.first_year + year,
                    fund=offer.fund,
                    way=offer.way,
                    count=paid,
                )
            )
            count -= paid

    def _take(self, number: int, queue: deque[QueuedGroup], count: int, year: int) -> None:
        item = queue[0]
        if item.due < year:
            self._rows.waited[item.group.id, number, item.due, year] += count
        item.count -= count
        if not item.count:
            queue.popleft()

    def _take_payment(self, number: int, year: int, limit: int) -> tuple[PaymentOffer, int]:
        """Return the offer of the next purchase of the cell's pool, and how many devices it pays for."""
        purchases = self._purchases[self._model.pools[number], year]
        offer, bought = purchases[0]
        assert isinstance(offer, PaymentOffer)
        assert isinstance(bought, int)
        count = min(bought, limit)
        purchases[0][1] = bought - count
        if bought == count:
            purchases.popleft()
        return offer, count
