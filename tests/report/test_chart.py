"""Columns stand for their numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.report.chart import columns, scale

SIZES = {"periods": 24, "height": 200, "column": 30, "gap": 18, "ticks": 4}


@given(st.integers(0, 10**7), st.integers(1, 8))
def test_lines_stand_at_round_numbers_and_are_few(most: int, ticks: int) -> None:
    step = scale(most, ticks)
    assert str(step).strip("0") in ("1", "2", "5") and step * ticks >= most
    smaller = [size * 10**power for power in range(8) for size in (1, 2, 5) if size * 10**power < step]
    assert all(one * ticks < most for one in smaller)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=24))
def test_a_column_is_as_high_as_its_sum_and_its_layers_stand_upon_each_other(values: list[tuple[int, int]]) -> None:
    periods = [f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(len(values))]
    chart = columns(periods, [[one for one, _ in values], [other for _, other in values]], SIZES)
    top = chart.ticks[-1].value
    assert top >= max(map(sum, values)) and chart.ticks[0].y == chart.base
    for stack, value in zip(chart.stacks, values, strict=True):
        assert stack.sum == sum(value) and chart.base - stack.top == pytest.approx(200 * sum(value) / top, abs=0.02)
        assert stack.bars[0].y + stack.bars[0].height == pytest.approx(chart.base)
        assert stack.bars[1].y + stack.bars[1].height == pytest.approx(stack.bars[0].y)
        assert chart.left <= stack.bars[0].x and stack.bars[0].x + stack.bars[0].width <= chart.width


def test_the_year_stands_where_it_begins() -> None:
    chart = columns(["2024-11", "2024-12", "2025-01"], [[1, 2, 3]], SIZES)
    assert [(stack.month, stack.year) for stack in chart.stacks] == [("11", "2024"), ("12", ""), ("01", "2025")]
    assert [(stack.month, stack.year) for stack in columns(["2024"], [[1]], SIZES).stacks] == [("2024", "")]


def test_one_period_is_one_column_and_none_is_an_empty_drawing() -> None:
    assert len(columns(["2024-08"], [[0], [0]], SIZES).stacks) == 1
    empty = columns([], [[]], SIZES)
    assert not empty.stacks and empty.width > empty.left and empty.ticks[-1].value == 1
