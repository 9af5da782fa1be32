"""The centre's statistics: totals, causes by language, libraries by what they caused, months, agencies, trend.

Source: domain facts 6.4. A finding is counted once, whatever the number of its records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dedup.config import Config
from dedup.engine.base import Engine
from dedup.model import Format
from dedup.report import lines
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Standing:
    """What one library has to do with: findings by kind, and the band of its own duplicates.

    `groups` findings it is given, `caused` groups in which it made the record at fault, `self_duplicates` groups of
    which it alone holds two records, `two_calls` of these under two call numbers, `junk_items` and `junk_empty` records
    without a title with and without items, `corrections` records it has to correct, `open` findings of earlier months
    not dealt with, `answered` findings it confirmed to be no duplicates.
    """

    library: str
    records: int
    groups: int
    caused: int
    self_duplicates: int
    two_calls: int
    junk_items: int
    junk_empty: int
    corrections: int
    open: int
    answered: int
    band: str


@dataclass(frozen=True, slots=True)
class CauseCount:
    """Groups of one cause: of books in Chinese, and of all others."""

    cause: str
    chinese: int
    other: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the trend, all libraries together: findings new, seen before, gone, and answered."""

    period: str
    new: int
    repeated: int
    solved: int
    answered: int


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What became of a group of the run before: columns as in the table of that name (schema REGROUPED)."""

    group_id: str
    was: str
    kind: str
    verdict: str
    records: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a run.

    `totals`: files, records, chinese_format, marc21, unreadable, groups, `VERDICT_groups` and `VERDICT_records`,
    records_in_groups, junk, faults, regrouped. `created`: (YYYY-MM, records of groups made then), '' where no date is
    known. `agencies`: (agency under contract, groups in which it made the record at fault). `minutes`: reading work
    saved. `regrouped`: the first of the groups that were split or joined.
    """

    period: str
    totals: Mapping[str, int]
    causes: tuple[CauseCount, ...]
    libraries: tuple[Standing, ...]
    created: tuple[tuple[str, int], ...]
    agencies: tuple[tuple[str, int], ...]
    trend: tuple[Month, ...]
    minutes: int
    regrouped: tuple[Regrouped, ...] = ()

    @property
    def per_thousand(self) -> float:
        """Records in groups of every thousand records."""
        return 1000 * self.totals["records_in_groups"] / max(self.totals["records"], 1)


_TOTALS = """
SELECT (SELECT count(*) FROM ledger) AS files, (SELECT count(*) FROM record) AS records,
       (SELECT count(*) FROM record WHERE format <> $marc21) AS chinese_format,
       (SELECT count(*) FROM record WHERE format = $marc21) AS marc21,
       (SELECT coalesce(sum(quarantined), 0) FROM ledger) AS unreadable,
       (SELECT count(DISTINCT group_id) FROM member) AS groups, (SELECT count(*) FROM member) AS records_in_groups,
       (SELECT count(*) FROM junk) AS junk, (SELECT count(*) FROM fault) AS faults,
       (SELECT count(*) FROM regrouped) AS regrouped
"""
_VERDICTS = "SELECT verdict, count(DISTINCT group_id) AS groups, count(*) AS records FROM member GROUP BY verdict"

_CAUSES = """
SELECT cause, count(*) FILTER (chinese) AS chinese, count(*) FILTER (NOT chinese) AS other
FROM (
  SELECT l.finding, any_value(l.cause) AS cause, 
         bool_or(CASE WHEN len(r.languages) > 0 THEN list_contains($chinese, r.languages[1])
                      ELSE r.format <> $marc21 END) AS chinese
  FROM report_line l JOIN record r ON r.rid = l.rid
  WHERE l.part NOT IN ('open', 'confirmed') GROUP BY l.finding
) WHERE cause <> '' GROUP BY cause ORDER BY cause
"""

_STANDINGS = """
WITH here AS (SELECT * FROM report_line WHERE part NOT IN ('open', 'confirmed')),
held AS (
  SELECT library, count(*) AS records FROM (
    SELECT DISTINCT r.rid, unnest(CASE WHEN len(r.libraries) = 0 THEN [s.library] ELSE r.libraries END) AS library
    FROM record r JOIN source s ON s.source = r.source) GROUP BY library
), given AS (
  SELECT s.library, count(DISTINCT s.finding) AS groups FROM report_sees s
  WHERE s.finding IN (SELECT finding FROM here) GROUP BY s.library
), caused AS (
  SELECT maker AS library, count(DISTINCT group_id) AS caused FROM here WHERE at_fault GROUP BY maker
), owned AS (
  SELECT l.finding, r.holders[1] AS library, any_value(l.flags) AS flags
  FROM here l JOIN report_record r ON r.rid = l.rid
  WHERE l.verdict = 'same' AND len(r.holders) = 1 GROUP BY l.finding, r.holders[1] HAVING count(*) > 1
), own AS (
  SELECT library, count(*) AS self_duplicates,
         count(*) FILTER (list_contains(string_split(flags, ';'), 'two-call-numbers')) AS two_calls
  FROM owned WHERE list_contains(string_split(flags, ';'), 'self-duplicate') GROUP BY library
), junked AS (
  SELECT library, count(*) FILTER (items) AS junk_items, count(*) FILTER (NOT items) AS junk_empty FROM (
    SELECT r.rid, any_value(r.has_items) AS items,
           unnest(list_distinct(list_concat(any_value(r.holders), any_value(l.doers)))) AS library
    FROM here l JOIN report_record r ON r.rid = l.rid WHERE l.part = 'junk' GROUP BY r.rid) GROUP BY library
), corrected AS (
  SELECT unnest(doers) AS library, count(*) AS corrections FROM here
  WHERE action = 'correct' AND part <> 'junk' GROUP BY library
), kept AS (
  SELECT s.library, count(DISTINCT s.finding) FILTER (l.part = 'open') AS open,
         count(DISTINCT s.finding) FILTER (l.part = 'confirmed') AS answered
  FROM report_sees s JOIN report_line l ON l.finding = s.finding
  WHERE l.part IN ('open', 'confirmed') GROUP BY s.library
)
SELECT n.library, coalesce(h.records, 0) AS records, coalesce(g.groups, 0) AS groups, coalesce(c.caused, 0) AS caused,
       coalesce(o.self_duplicates, 0) AS self_duplicates, coalesce(o.two_calls, 0) AS two_calls,
       coalesce(j.junk_items, 0) AS junk_items, coalesce(j.junk_empty, 0) AS junk_empty,
       coalesce(x.corrections, 0) AS corrections, coalesce(k.open, 0) AS open, coalesce(k.answered, 0) AS answered
FROM (SELECT library FROM held UNION SELECT library FROM given UNION SELECT library FROM kept) n
LEFT JOIN held h USING (library) LEFT JOIN given g USING (library) LEFT JOIN caused c USING (library)
LEFT JOIN own o USING (library) LEFT JOIN junked j USING (library) LEFT JOIN corrected x USING (library)
LEFT JOIN kept k USING (library)
WHERE n.library <> '' AND n.library <> $centre
ORDER BY self_duplicates DESC, caused DESC, groups DESC, n.library
"""

# The month a record was made: of its first item, else of its entry on file.
_CREATED = """
SELECT CASE WHEN length(created) >= 6 THEN substr(created, 1, 4) || '-' || substr(created, 5, 2) ELSE '' END AS month,
       count(*) AS records
FROM report_record WHERE rid IN (SELECT rid FROM member) GROUP BY month ORDER BY month
"""

_AGENCIES = """
SELECT a.agency, count(DISTINCT l.group_id) AS groups
FROM (SELECT unnest(CAST($agencies AS VARCHAR[])) AS agency) a
LEFT JOIN (SELECT l.group_id, unnest(r.agencies) AS agency FROM report_line l JOIN record r ON r.rid = l.rid
           WHERE l.at_fault AND l.part NOT IN ('open', 'confirmed')) l ON l.agency = a.agency
GROUP BY a.agency ORDER BY groups DESC, a.agency
"""

_TREND = """
SELECT period, sum(new)::BIGINT AS new, sum(repeated)::BIGINT AS repeated, sum(solved)::BIGINT AS solved,
       sum(answered)::BIGINT AS answered FROM history WHERE library = '' GROUP BY period ORDER BY period
"""

_REGROUPED = """
SELECT group_id, was, kind, verdict, records FROM regrouped ORDER BY kind DESC, was, group_id LIMIT $most
"""


def statistics(engine: Engine, rules: RuleSet, config: Config, period: str) -> Statistics:
    """The numbers of a run, from its tables."""
    if not engine.has("report_line"):
        lines.prepare(engine, rules)
    settings = rules.tables["report"]
    centre = rules.tables["causes"]["centre"]
    chinese = rules.tables["group"]["keep"]["cnmarc_languages"]
    totals = _totals(engine)
    return Statistics(
        period=period,
        totals=totals,
        causes=tuple(CauseCount(**row) for row in _rows(engine, _CAUSES, chinese=chinese, marc21=int(Format.MARC21))),
        libraries=tuple(
            Standing(**row, band=band_of(row["self_duplicates"], rules))
            for row in _rows(engine, _STANDINGS, centre=centre)
        ),
        created=tuple((row["month"], row["records"]) for row in _rows(engine, _CREATED)),
        agencies=tuple(
            (row["agency"], row["groups"]) for row in _rows(engine, _AGENCIES, agencies=list(config.centre.outsourced))
        ),
        trend=tuple(Month(**row) for row in _rows(engine, _TREND)) if engine.has("history") else (),
        minutes=totals["records_in_groups"] * int(settings["statistics"]["minutes_per_record"]),
        regrouped=tuple(
            Regrouped(**row) for row in _rows(engine, _REGROUPED, most=int(settings["statistics"]["regrouped"]))
        ),
    )


def _rows(engine: Engine, query: str, **parameters: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = engine.read(query, parameters).to_pylist()
    return rows


def _totals(engine: Engine) -> dict[str, int]:
    [row] = _rows(engine, _TOTALS, marc21=int(Format.MARC21))
    totals = {name: int(value) for name, value in row.items()}
    for one in _rows(engine, _VERDICTS):
        totals |= {f"{one['verdict']}_groups": one["groups"], f"{one['verdict']}_records": one["records"]}
    return totals


def band_of(self_duplicates: int, rules: RuleSet) -> str:
    """The id of the band that so many duplicates of a library's own in one report fall into."""
    bands = sorted(rules.tables["report"]["band"], key=lambda row: -int(row["least"]))
    return str(next(row["id"] for row in bands if self_duplicates >= row["least"]))
