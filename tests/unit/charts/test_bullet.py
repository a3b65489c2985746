"""The bullet bar: a value against what is expected."""

from __future__ import annotations

from homeroom.engines.charts.bullet import MARK, build_bullet_bar


def test_a_value_as_expected_ends_at_the_mark_and_is_not_past_it() -> None:
    bar = build_bullet_bar(7, expected=7)
    assert (bar.width, bar.is_past, bar.is_clipped) == (MARK, False, False)


def test_a_value_past_the_mark_is_past_and_one_past_the_plot_is_clipped() -> None:
    assert build_bullet_bar(9, expected=7).is_past
    assert build_bullet_bar(9, expected=7).width > MARK
    far = build_bullet_bar(90, expected=7)
    assert (far.width, far.is_past, far.is_clipped) == (100, True, True)


def test_nothing_has_a_bar_that_is_seen() -> None:
    assert build_bullet_bar(0, expected=1).width == 1
