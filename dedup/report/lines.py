"""The tables that reports are made of, each written once for all libraries.

`report_record` holds what is shown of each record of a finding, `report_line` what is said of it there, `report_sees`
which library is given which finding. A finding is a group, or one record without a usable title.
"""

from __future__ import annotations

import pyarrow as pa

from dedup.codes import Kind, read_codes
from dedup.engine.base import Engine
from dedup.normalise.text import skeleton_column
from dedup.report.lines_answered import RECORDS, write_answered
from dedup.report.model import Part
from dedup.rules import RuleSet
from dedup.stages.shelf import HOLDERS

TABLES = ("report_record", "report_line", "report_sees")
"""What `prepare` writes and `forget` drops."""

# Whoever holds an item of a record; of a record without items the library that its source is mapped to.
_RECORDS = f"""
WITH wanted AS ({{wanted}}), chosen AS (
  SELECT r.*, s.library AS shelf, {HOLDERS} AS holders,
         string_split(r.display_statement, ' · ') AS said,
         list_distinct(r.isbn_text) AS numbers
  FROM record r JOIN source s ON s.source = r.source WHERE r.rid IN (SELECT rid FROM wanted)
), parted AS (
  SELECT *, CASE WHEN statement_parts & 1 > 0 THEN said[1] ELSE '' END AS edition,
         CASE WHEN statement_parts & 4 > 0 THEN said[-1] ELSE '' END AS extent,
         array_to_string(said[1 + (statement_parts & 1):len(said) - (statement_parts & 4) // 4], ' · ') AS imprint,
         list_filter(numbers, lambda x: length(regexp_replace(regexp_extract(x, $number), '[^0-9Xx]', '', 'g')) = 13)
           AS long
  FROM chosen
)
SELECT rid, record_id, source, control, CASE WHEN len(holders) > 0 THEN holders ELSE [shelf] END AS holders,
       display_title AS title, display_responsibility AS responsibility, edition,
       trim(regexp_replace(imprint, $date, ''), $marks) AS publisher,
       coalesce(CAST(fixed_year AS VARCHAR), '') AS year_fixed,
       coalesce(nullif(trim(regexp_extract(imprint, $date), $marks), ''), CAST(transcribed_year AS VARCHAR), '')
         AS year_transcribed,
       extent AS pages, array_to_string(long, '; ') AS isbn13,
       array_to_string(list_filter(list_append(numbers, unified_number),
                                   lambda x: x <> '' AND NOT list_contains(long, x)), '; ') AS isbn10,
       array_to_string(list_distinct(series_text), '; ') AS series, trim(volume_label || ' ' || part) AS volume,
       $levels[level + 1] AS level, array_to_string(holders, '; ') AS libraries,
       array_to_string(list_distinct(list_filter(call_numbers, lambda x: x <> '')), '; ') AS call_numbers,
       array_to_string(list_filter(barcodes, lambda x: x <> ''), '; ') AS barcodes,
       array_to_string(list_distinct(list_filter(locations, lambda x: x <> '')), '; ') AS locations,
       array_to_string(agencies, '; ') AS agencies,
       array_to_string(list_transform(list_filter([entered, agency_date], lambda x: x IS NOT NULL), lambda x:
         substr(CAST(x AS VARCHAR), 1, 4) || '-' || substr(CAST(x AS VARCHAR), 5, 2) || '-'
         || substr(CAST(x AS VARCHAR), 7, 2)), ' / ') AS dated,
       CAST(coalesce(list_min(list_filter(item_dates, lambda x: x <> '')), CAST(entered AS VARCHAR), '') AS VARCHAR)
         AS created,
       len(libraries) > 0 AS has_items
FROM parted
"""

# Who acts on a record is told as in findings.csv: its holders, but its maker where the record itself is corrected.
_GROUP_LINES = """
SELECT m.group_id AS finding, m.group_id, m.rid,
       CASE WHEN m.verdict = 'same' AND c.cause = $empty THEN 'empty' ELSE p.becomes END AS part,
       m.verdict, coalesce(c.cause, '') AS cause, coalesce(c.secondary, '') AS secondary,
       coalesce(c.flags, '') AS flags, t.action, m.keep, coalesce(k.record_id, '') AS keep_record,
       t.correction_zh, t.correction_en,
       trim(regexp_extract(g.reason, '^(.*?)(?: / |$)', 1)) AS reason_zh,
       trim(regexp_replace(g.reason, '^.*? / ', '')) AS reason_en,
       CAST(round(m.confidence, 4)::DECIMAL(6, 4) AS VARCHAR) AS confidence,
       list_filter(CASE WHEN t.action IN ('correct', 'relevel') THEN [b.maker]
                        WHEN r.has_items THEN r.holders ELSE [b.maker] END, lambda x: x <> '') AS doers,
       b.maker, b.at_fault, '' AS before_zh, '' AS before_en
FROM member m JOIN report_record r ON r.rid = m.rid
JOIN report_name p ON p.name = m.verdict
JOIN correction t ON t.group_id = m.group_id AND t.rid = m.rid AND t.library = ''
JOIN blame b ON b.group_id = m.group_id AND b.rid = m.rid
LEFT JOIN group_cause c ON c.group_id = m.group_id
LEFT JOIN reason g ON g.group_id = m.group_id AND g.rid = m.rid
LEFT JOIN (SELECT n.group_id, any_value(x.record_id) AS record_id FROM member n JOIN report_record x ON x.rid = n.rid
           WHERE n.keep GROUP BY n.group_id) k ON k.group_id = m.group_id
"""

_JUNK_LINES = """
SELECT 'J|' || r.record_id AS finding, '' AS group_id, j.rid, 'junk' AS part, 'junk' AS verdict, j.code AS cause,
       '' AS secondary, '' AS flags, a.becomes AS action, false AS keep,
       coalesce(t.record_id, '') AS keep_record, j.correction_zh, j.correction_en,
       left(j.reason, greatest(strpos(j.reason, ' / ' || n.name), 1) - 1) AS reason_zh,
       substr(j.reason, strpos(j.reason, ' / ' || n.name) + 3) AS reason_en, '' AS confidence,
       string_split(j.responsible, ';') AS doers, '' AS maker, false AS at_fault, '' AS before_zh, '' AS before_en
FROM junk j JOIN report_record r ON r.rid = j.rid JOIN report_code n ON n.code = j.code
JOIN report_name a ON a.name = 'junk.' || j.situation
LEFT JOIN rescue t ON t.rid = j.rid
"""

# A library is given a finding when it holds or made one of its records, or has to act on one; what is open since an
# earlier report only when it was asked itself.
_SEES = """
WITH concerned AS (
  SELECT l.finding, unnest(r.holders) AS library FROM report_line l JOIN report_record r ON r.rid = l.rid
  WHERE l.part <> 'open'
  UNION SELECT finding, maker FROM report_line
  UNION SELECT finding, unnest(doers) FROM report_line
  UNION SELECT group_id, library FROM correction
), acting AS (
  SELECT DISTINCT library, finding FROM (
    SELECT finding, action, unnest(doers) AS library FROM report_line
    UNION ALL SELECT group_id, action, library FROM correction
  ) WHERE action NOT IN ('keep', 'leave')
)
SELECT c.library, c.finding, any_value(p.place) AS place, bool_or(a.library IS NOT NULL) AS mine
FROM concerned c JOIN (SELECT DISTINCT finding, part FROM report_line) l ON l.finding = c.finding
JOIN report_part p ON p.part = l.part
LEFT JOIN acting a ON a.library = c.library AND a.finding = c.finding
WHERE c.library <> '' AND c.library <> $centre GROUP BY c.library, c.finding ORDER BY c.library, c.finding
"""

_DIFFERING = (
    "SELECT finding, list_filter([{columns}], lambda x: x <> '') AS differing FROM report_folded GROUP BY finding"
)


def prepare(engine: Engine, rules: RuleSet) -> None:
    """Write `report_record`, `report_line` and `report_sees` from the tables of a run."""
    settings = rules.tables["report"]
    parts = settings["parts"]
    _records(engine, rules)
    _small(engine, "report_part", pa.table({"part": list(map(str, Part)), "place": range(len(Part))}))
    codes = [code for code in read_codes(rules).values() if code.kind is Kind.JUNK]
    names = {"code": [code.id for code in codes], "name": [code.name["en"] for code in codes]}
    _small(engine, "report_code", pa.table(names))
    becomes = parts["verdict"] | {f"junk.{name}": action for name, action in parts["junk"].items()}
    _small(engine, "report_name", pa.table({"name": list(becomes), "becomes": list(becomes.values())}))
    engine.passing("report_group_line", _GROUP_LINES, {"empty": parts["empty"]})
    engine.passing("report_junk_line", _JUNK_LINES)
    engine.passing("report_finding", "FROM report_group_line UNION ALL FROM report_junk_line")
    answered = write_answered(engine, rules)
    engine.passing("report_said", " UNION ALL BY NAME ".join(f"FROM {name}" for name in ("report_finding", *answered)))
    _differing(engine, rules)
    engine.sql("report_line", "SELECT l.*, d.differing FROM report_said l LEFT JOIN report_differing d USING (finding)")
    engine.sql("report_sees", _SEES, {"centre": rules.tables["causes"]["centre"]})
    engine.drop("report_part", "report_code", "report_name", "report_group_line", "report_junk_line", "report_said")
    engine.drop("report_finding", "report_folded", "report_differing", *answered)


def _records(engine: Engine, rules: RuleSet) -> None:
    """Table `report_record`: every record that any line speaks of."""
    settings = rules.tables["report"]
    imprint, answered = settings["imprint"], [query for name, query in RECORDS.items() if engine.has(name)]
    wanted = " UNION ".join(["SELECT rid FROM member UNION SELECT rid FROM junk", *answered])
    asked = {"date": imprint["date"], "marks": imprint["marks"], "levels": settings["levels"]["order"]}
    engine.sql("report_record", _RECORDS.replace("{wanted}", wanted), asked | {"number": settings["isbn"]["number"]})


def _differing(engine: Engine, rules: RuleSet) -> None:
    """Table `report_differing`: for each finding the names of the fields in which its records differ."""
    fields = rules.tables["report"]["differing"]["fields"]
    schema = pa.schema([("finding", pa.string()), *((name, pa.string()) for name in fields)])
    shown = ", ".join(f"r.{name}" for name in fields)
    source = f"SELECT l.finding, {shown} FROM report_said l JOIN report_record r USING (rid)"

    def folded(batch: pa.RecordBatch) -> pa.RecordBatch:
        """Every field as a skeleton: equal texts for what a cataloguer calls equal."""
        columns = [skeleton_column(batch.column(name), rules) for name in fields]
        return pa.RecordBatch.from_arrays([batch.column("finding"), *columns], schema=schema)

    engine.map_batches(source, "report_folded", folded, schema, passing=True)
    columns = ", ".join(f"CASE WHEN count(DISTINCT {name}) > 1 THEN '{name}' ELSE '' END" for name in fields)
    engine.passing("report_differing", _DIFFERING.format(columns=columns))


def forget(engine: Engine) -> None:
    """Drop the tables of `prepare`, once all reports are written."""
    engine.drop(*TABLES)


def _small(engine: Engine, name: str, table: pa.Table) -> None:
    """A table of the rules, to be joined."""
    engine.write(name, table.schema, table.to_batches())
