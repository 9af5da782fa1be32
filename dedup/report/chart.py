"""Columns over months as numbers for a drawing: where every bar, line and label stands, in pixels from the top left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_ABOVE, _BELOW, _DIGIT, _EDGE = 20, 40, 8, 12
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of one series: its rectangle, the number of its series from 1, and what it stands for."""

    x: int
    y: float
    width: int
    height: float
    series: int
    value: int


@dataclass(frozen=True, slots=True)
class Stack:
    """One period: its bars upon each other, its labels in the middle of `x`, and `top`, where its sum is written.

    Below it stands its `month` and, where a year begins, the `year`; of a period that is a year the year alone.
    """

    x: int
    top: float
    sum: int
    month: str
    year: str
    period: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, with the value that it stands for."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of `width` by `height`; columns stand between `left` and `width` on the line `base`."""

    width: int
    height: int
    left: int
    base: int
    ticks: tuple[Tick, ...]
    stacks: tuple[Stack, ...]


def columns(periods: Sequence[str], series: Sequence[Sequence[int]], sizes: Mapping[str, int]) -> Chart:
    """Stacked columns, one for each period (YYYY-MM or YYYY, ascending).

    `series` holds for each layer a value for each period; `sizes` is `[chart]` of page.toml. One period makes one
    column; without any the chart is empty.
    """
    sums = [sum(values) for values in zip(*series, strict=True)]
    step = scale(max(sums, default=0), sizes["ticks"])
    top = max(step, -(-max(sums, default=0) // step) * step)
    base, pitch = _ABOVE + sizes["height"], sizes["column"] + sizes["gap"]
    left = _DIGIT * len(f"{top:,}") + _EDGE
    stacks = []
    for place, period in enumerate(periods):
        bars = _bars(left + place * pitch + sizes["gap"] // 2, base, [layer[place] for layer in series], (top, sizes))
        year, _, month = period.partition("-")
        told = year if month and (place == 0 or year != periods[place - 1][:4]) else ""
        middle = left + place * pitch + pitch // 2
        stacks.append(Stack(middle, bars[-1].y, sums[place], month or year, told, period, bars))
    ticks = tuple(Tick(base - sizes["height"] * value / top, value) for value in range(0, top + 1, step))
    return Chart(left + pitch * max(len(periods), 1) + _EDGE, base + _BELOW, left, base, ticks, tuple(stacks))


def _bars(x: int, base: int, values: Sequence[int], sizing: tuple[int, Mapping[str, int]]) -> tuple[Bar, ...]:
    top, sizes = sizing
    bars, foot = [], float(base)
    for number, value in enumerate(values, 1):
        height = round(sizes["height"] * value / top, 2)
        foot = round(foot - height, 2)
        bars.append(Bar(x, foot, sizes["column"], height, number, value))
    return tuple(bars)


def scale(most: int, ticks: int) -> int:
    """The distance of lines: 1, 2 or 5 times a power of ten, so that no more than `ticks` of them reach `most`."""
    power = 1
    while True:
        for step in _STEPS[:-1]:
            if step * power * ticks >= most:
                return step * power
        power *= _STEPS[-1]
