"""The trend chart: values over days as lines, a band between two of them, and marks at days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.engines.charts.scale import choose_top, place_day, place_value, spread_days


@dataclass(frozen=True, kw_only=True)
class TrendLine:
    """One line: its name for the style sheet, its points for SVG, and its last point as (x, y) in hundredths."""

    name: str
    points: str
    end: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class TrendMark:
    """A numbered mark at a day, at `x` hundredths from the left."""

    number: int
    x: float


@dataclass(frozen=True, kw_only=True)
class TrendChart:
    """Lines over days. `ticks` are the values beside the plot, from the top down; `days` the days below it.

    `band` is the area between the two lines that bound it, as SVG points; empty without.
    """

    lines: tuple[TrendLine, ...]
    ticks: tuple[float, ...]
    days: tuple[date, ...]
    band: str = ""
    marks: tuple[TrendMark, ...] = ()


def build_trend_chart(
    days: Sequence[date],
    values: Mapping[str, Sequence[float]],
    *,
    top: float | None = None,
    band: tuple[str, str] | None = None,
    marked: Sequence[date] = (),
) -> TrendChart | None:
    """Return the chart of named values over days, the oldest first; None if there are fewer than two days.

    `top` is the value at the upper edge, else a round number. `band` names the upper and the lower line of an area.
    `marked` are days to mark, numbered from 1; those outside the chart are moved to its edge.
    """
    if len(days) < 2 or days[0] == days[-1]:
        return None
    first, last = days[0], days[-1]
    height = top or choose_top([value for series in values.values() for value in series])
    points = {
        name: [
            (place_day(day, first=first, last=last), place_value(value, top=height))
            for day, value in zip(days, series, strict=True)
        ]
        for name, series in values.items()
    }
    return TrendChart(
        lines=tuple(
            TrendLine(name=name, points=_format_points(places), end=places[-1]) for name, places in points.items()
        ),
        ticks=(height, height / 2, 0),
        days=spread_days(first, last),
        band=_format_points([*points[band[0]], *reversed(points[band[1]])]) if band else "",
        marks=tuple(
            TrendMark(number=number, x=place_day(min(max(day, first), last), first=first, last=last))
            for number, day in enumerate(marked, 1)
        ),
    )


def _format_points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)
