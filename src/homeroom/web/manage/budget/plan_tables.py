"""Tables and the chart of a refresh plan beside the one that it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from homeroom.web.manage.budget.labels import format_dollars, format_number, get_kind_label

WIDTH, HEIGHT, EDGE = 600, 160, 10
Figures = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ComparedFigure:
    """A figure of a plan, of the plan before (empty if there is none), and what it is."""

    title: str
    now: str
    before: str
    difference: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """A line of a table by year: a name, texts by year, and their sum; `is_before` is the plan before."""

    title: str
    cells: tuple[tuple[int, str], ...]
    total: str
    is_before: bool = False


def compare_figures(figures: Figures, before: Figures) -> list[ComparedFigure]:
    """Return the figures of a plan beside those of the plan before, which may be empty."""
    rows = (
        (gettext("Device-years past support"), "past_support", format_number, ""),
        (gettext("Device-years missing"), "missing", format_number, ""),
        (gettext("W: both, by weight"), "weighted", format_number, _describe_bound(figures)),
        (gettext("Devices that wait past their support"), "waiting", format_number, ""),
        (gettext("Thrown away by replacing early"), "thrown_away_minor", format_dollars, ""),
        (gettext("Visits"), "visits", format_number, ""),
    )
    compared = [_compare(title, figures[key], before.get(key), form, note) for title, key, form, note in rows]
    paid = [_sum_money(item.get("paid", {})) if item else None for item in (figures, before)]
    due = [_sum_money(item.get("committed", {})) if item else None for item in (figures, before)]
    compared.insert(4, _compare(gettext("Paid in all years"), paid[0], paid[1], format_dollars, ""))
    compared.insert(5, _compare(gettext("Due after the last year"), due[0], due[1], format_dollars, ""))
    return compared


def build_money_lines(figures: Figures, before: Figures) -> list[YearLine]:
    """Return what each fund pays by year, each with the line of the plan before under it."""
    years = figures["years"]
    lines = []
    for fund in [*figures["paid"], *(name for name in before.get("paid", {}) if name not in figures["paid"])]:
        lines.append(_build_money_line(fund, figures["paid"].get(fund, {}), years))
        if before:
            title = gettext("%(fund)s, before") % {"fund": fund}
            lines.append(_build_money_line(title, before["paid"].get(fund, {}), years, is_before=True))
    return lines


def build_count_lines(figures: Figures, before: Figures, name: str) -> list[YearLine]:
    """Return devices replaced or added by year for each kind or school (`name` of the figures)."""
    years = figures["years"]
    now, earlier = dict(figures[name]), dict(before.get(name, ()))
    lines = []
    for key in sorted({*now, *earlier}):
        title = get_kind_label(key) if name == "kinds" else key
        lines.append(_build_count_line(title, now.get(key), years))
        if before:
            title = gettext("%(name)s, before") % {"name": title}
            lines.append(_build_count_line(title, earlier.get(key), years, is_before=True))
    return lines


def build_curve_rows(figures: Figures, before: Figures) -> list[tuple[str, str, str]]:
    """Return rows of the curve: the share of the money, W, and W of the plan before."""
    earlier = {point["share"]: point["weighted"] for point in before.get("curve", ())}
    return [
        (f"{point['share']:.0%}", format_number(point["weighted"]), format_number(earlier.get(point["share"])))
        for point in figures["curve"]
    ]


def build_curve_lines(figures: Figures, before: Figures) -> dict[str, str] | None:
    """Return the curve, and that of the plan before, as points of an SVG; None with fewer than two points."""
    curves = [item.get("curve", ()) for item in (figures, before)]
    if len(curves[0]) < 2:
        return None
    shares = [point["share"] for curve in curves for point in curve]
    top = max(max(point["weighted"] for curve in curves for point in curve), 1)
    first, last = min(shares), max(shares)
    return {
        "now": _format_points(curves[0], first, last, top),
        "before": _format_points(curves[1], first, last, top),
        "top": format_number(top),
    }


def _format_points(curve: Sequence[Mapping[str, float]], first: float, last: float, top: float) -> str:
    return " ".join(
        f"{EDGE + (WIDTH - 2 * EDGE) * (point['share'] - first) / ((last - first) or 1):.1f},"
        f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * point['weighted'] / top:.1f}"
        for point in curve
    )


def _describe_bound(figures: Figures) -> str:
    if figures["gap"] == 0:
        return gettext("proven: no plan has fewer")
    return gettext("no plan has fewer than %(bound)s") % {"bound": format_number(figures["bound"])}


def _compare(title: str, now: Any, before: Any, form: Any, note: str) -> ComparedFigure:
    difference = ""
    if before is not None:
        change = now - before
        difference = gettext("the same") if not change else f"{'+' if change > 0 else ''}{form(change)}"
    return ComparedFigure(
        title=title,
        now=form(now),
        before="" if before is None else form(before),
        difference=difference,
        note=note,
    )


def _sum_money(payments: Mapping[str, Mapping[str, int]]) -> int:
    return sum(cents for by_year in payments.values() for cents in by_year.values())


def _build_money_line(
    title: str, payments: Mapping[str, int], years: Sequence[int], *, is_before: bool = False
) -> YearLine:
    cells = tuple((year, format_dollars(payments.get(str(year), 0))) for year in years)
    return YearLine(title=title, cells=cells, total=format_dollars(sum(payments.values())), is_before=is_before)


def _build_count_line(
    title: str, counts: Sequence[int] | None, years: Sequence[int], *, is_before: bool = False
) -> YearLine:
    numbers = counts or [0] * len(years)
    cells = tuple((year, format_number(number)) for year, number in zip(years, numbers, strict=False))
    return YearLine(title=title, cells=cells, total=format_number(sum(numbers)), is_before=is_before)
