"""The numbers of a run as the centre's page shows them: rows of its tables, drawings of its trend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from dedup.codes import Kind
from dedup.report.chart import Chart, columns
from dedup.report.folders import folder_of
from dedup.report.page_view import seen
from dedup.report.page_words import Band, PageWords
from dedup.report.statistics import CauseCount, Month, Standing, Statistics
from dedup.rulebook import Words


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One cause: its groups by language, and how long its bars are of 100."""

    id: str
    name: Words
    chinese: int
    other: int
    chinese_width: float
    other_width: float


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """One library: its place in the list, the name of its band, and the page it is given ('' when none is)."""

    rank: int
    standing: Standing
    library: str
    band: Band
    severity: int
    width: float
    link: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its name, the names of its layers and the values behind it."""

    name: Words
    layers: tuple[Words, ...]
    chart: Chart
    rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What became of a group of the run before: split or joined, its id then and now, its verdict, what both share."""

    kind: Words
    was: str
    now: str
    verdict: Words
    records: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the centre's page that is not a plain total. `unnamed`: groups of which no cause is known."""

    causes: tuple[CauseRow, ...]
    junk: tuple[CauseRow, ...]
    unnamed: int
    libraries: tuple[LibraryRow, ...]
    drawings: tuple[Drawing, ...]
    moves: tuple[Move, ...]


def overview(numbers: Statistics, words: PageWords, bands: Sequence[Band]) -> Overview:
    """The page's tables and drawings. `bands` are those of duplicates of a library's own, highest first."""
    causes = [row for row in numbers.causes if row.cause.startswith(Kind.CAUSE)]
    junk = [row for row in numbers.causes if row.cause.startswith(Kind.JUNK)]
    return Overview(
        causes=tuple(_causes(causes, words)),
        junk=tuple(_causes(junk, words)),
        unnamed=max(0, numbers.totals["groups"] - sum(row.chinese + row.other for row in causes)),
        libraries=tuple(_libraries(numbers.libraries, bands)),
        drawings=tuple(_drawings(numbers, words)),
        moves=tuple(
            Move(words.labels[row.kind], row.was, row.group_id, words.name("verdict", row.verdict), row.records)
            for row in numbers.regrouped
        ),
    )


def _causes(rows: Sequence[CauseCount], words: PageWords) -> Iterable[CauseRow]:
    most = max((max(row.chinese, row.other) for row in rows), default=0) or 1
    for row in rows:
        widths = 100 * row.chinese / most, 100 * row.other / most
        yield CauseRow(row.cause, words.name("code", row.cause), row.chinese, row.other, *widths)


def _libraries(rows: Sequence[Standing], bands: Sequence[Band]) -> Iterable[LibraryRow]:
    most = max((row.self_duplicates for row in rows), default=0) or 1
    severity = {band.id: len(bands) - 1 - place for place, band in enumerate(bands)}
    named = {band.id: band for band in bands}
    for rank, row in enumerate(rows, 1):
        given = row.groups or row.open or row.answered
        link = f"libraries/{quote(folder_of(row.library))}/index.html" if given else ""
        width = 100 * row.self_duplicates / most
        yield LibraryRow(rank, row, seen(row.library), named[row.band], severity[row.band], width, link)


def _drawings(numbers: Statistics, words: PageWords) -> Iterable[Drawing]:
    months = numbers.trend[-words.chart["periods"] :]
    if months:
        yield _drawing(months, words, "found", ("new", "repeated"))
        yield _drawing(months, words, "settled", ("solved", "answered"))
    years = _years(numbers)[-words.chart["periods"] :]
    if years:
        chart = columns([year for year, _ in years], [[count for _, count in years]], words.chart)
        rows = tuple((year, (count,)) for year, count in years)
        yield Drawing(words.labels["chart_created"], (words.labels["chart_records"],), chart, rows)


def _years(numbers: Statistics) -> list[tuple[str, int]]:
    """How many records of groups were made in each year from the first to that of the report, empty years too."""
    counts: dict[int, int] = {}
    for month, count in numbers.created:
        if month and month <= numbers.period:
            counts[int(month[:4])] = counts.get(int(month[:4]), 0) + count
    last = int(numbers.period[:4])
    return [(f"{year:04}", counts.get(year, 0)) for year in range(min(counts, default=last + 1), last + 1)]


def _drawing(months: Sequence[Month], words: PageWords, name: str, layers: Sequence[str]) -> Drawing:
    value: Callable[[Month, str], int] = getattr
    periods = [month.period for month in months]
    chart = columns(periods, [[value(month, layer) for month in months] for layer in layers], words.chart)
    rows = tuple((month.period, tuple(value(month, layer) for layer in layers)) for month in months)
    return Drawing(words.labels[f"chart_{name}"], tuple(words.labels[f"chart_{one}"] for one in layers), chart, rows)
