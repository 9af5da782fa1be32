"""What the correction texts speak of: one row for each record of a group and each library that has to act on it."""

from __future__ import annotations

import pyarrow as pa

from dedup.codes import placed, read_codes
from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.shelf import HOLDERS

_DEAR = (
    "isbn",
    "isbn_keep",
    "calls",
    "calls_keep",
    "headings",
    "headings_keep",
    "origin",
    "series",
    "others",
    "reason",
    "fields",
)

# What is said of a record, made once for each; lists are cut to what a sentence can hold.
_SHOWN = f"""
SELECT r.rid, r.record_id AS record, left(r.display_title, $letters) AS title, r.format, r.level, r.isbn_typed, r.isbn,
       CASE WHEN len(r.isbn_text) > 0 THEN list_filter(r.isbn_text, lambda x, i: list_position(r.isbn_text, x) = i)
            WHEN r.unified_number <> '' THEN [r.unified_number] ELSE [] END AS numbers,
       r.source_numbers, r.heading_forms, r.edition_text, r.reissue_year, r.year, r.fixed_year, r.pages, r.price,
       r.series, r.series_text, r.note_series, r.libraries, r.barcodes, r.call_numbers, len(r.libraries) AS copies,
       list_filter(r.barcodes, lambda x: x <> '')[:$barcodes] AS barcodes_shown,
       {HOLDERS} AS holders
FROM record r WHERE r.rid IN (SELECT rid FROM member)
"""

# Beside each record another of its group: the one to keep; beside that, and where nothing is merged, all the others.
_BESIDE = """
SELECT b.group_id, b.rid, k.rid AS other, [] AS everyone, [] AS faultless, [] AS numbers
FROM blame b JOIN member k ON k.group_id = b.group_id AND k.keep AND k.rid <> b.rid
UNION ALL
SELECT b.group_id, b.rid, min_by(c.rid, s.record) AS other, [] AS everyone, [] AS faultless,
       list_sort(list_distinct(flatten(list(s.numbers)))) AS numbers
FROM blame b JOIN blame c ON c.group_id = b.group_id AND c.rid <> b.rid JOIN shown s ON s.rid = c.rid
WHERE b.action = 'keep' GROUP BY b.group_id, b.rid
UNION ALL
SELECT b.group_id, b.rid,
       coalesce(min_by(c.rid, s.record) FILTER (c.at_fault <> b.at_fault), min_by(c.rid, s.record)) AS other,
       list(s.record ORDER BY s.record) AS everyone,
       list(s.record ORDER BY s.record) FILTER (NOT c.at_fault) AS faultless, [] AS numbers
FROM blame b JOIN blame c ON c.group_id = b.group_id AND c.rid <> b.rid JOIN shown s ON s.rid = c.rid
WHERE b.action NOT IN ('keep', 'merge') GROUP BY b.group_id, b.rid, b.at_fault
"""

# Which correction each record gets.
_TOLD = """
SELECT b.group_id, b.rid, b.action, n.other, n.missing, n.everyone, n.faultless,
       CASE WHEN len(n.missing) > 0 THEN 'phrase.keep_isbn'
            WHEN b.template IN ('keep', 'review') THEN 'phrase.' || b.template
            WHEN b.template = $same_book AND len(x.holders) = 1 AND x.holders = y.holders AND len(x.call_numbers) > 0
                 AND len(y.call_numbers) > 0 AND NOT list_has_any(x.call_numbers, y.call_numbers) THEN $two_calls
            WHEN b.template = $two_formats AND x.format = y.format THEN $one_format
            WHEN b.template = $numbers AND (len(x.numbers) = 0 OR len(y.numbers) = 0) THEN $one_number
            ELSE b.template END AS template
FROM blame b JOIN missed n ON n.group_id = b.group_id AND n.rid = b.rid
JOIN shown x ON x.rid = b.rid JOIN shown y ON y.rid = n.other
"""

# Its values; those that few corrections ask for are worked out for these alone.
_CASE = """
SELECT b.group_id, b.rid, '' AS library, b.action, b.template,
       x.title, x.record, y.record AS keep, x.format, y.format AS format_keep, x.level, x.copies,
       x.holders AS libraries,
       x.barcodes_shown AS barcodes, b.missing, x.pages, x.edition_text AS edition, x.reissue_year AS reissue,
       coalesce(x.year, x.fixed_year) AS year, coalesce(y.year, y.fixed_year) AS year_keep,
       CASE WHEN e.isbn THEN CASE WHEN len(x.numbers) > 0 THEN x.numbers ELSE y.numbers END END AS isbn,
       CASE WHEN e.isbn_keep THEN y.numbers END AS isbn_keep,
       CASE WHEN e.calls THEN list_sort(list_distinct(x.call_numbers)) END AS calls,
       CASE WHEN e.calls_keep THEN list_sort(list_distinct(y.call_numbers)) END AS calls_keep,
       CASE WHEN e.headings THEN x.heading_forms[:$others] END AS headings,
       CASE WHEN e.headings_keep THEN y.heading_forms[:$others] END AS headings_keep,
       CASE WHEN e.origin THEN list_sort(list_intersect(x.source_numbers, y.source_numbers))[1] END AS origin,
       CASE WHEN e.series THEN coalesce(y.series_text[1], x.series_text[1], y.note_series[1], x.note_series[1])
       END AS series,
       CASE WHEN e.others THEN CASE WHEN b.action = 'relevel' THEN coalesce(b.faultless, []) 
                                ELSE b.everyone END[:$others]
       END AS others, CASE WHEN e.reason THEN g.reason END AS reason,
       e.fields AND list_has_any(x.isbn, y.isbn) AS alike_isbn,
       e.fields AND coalesce(x.pages = y.pages, false) AS alike_pages,
       e.fields AND coalesce(x.year = y.year, false) AS alike_year,
       e.fields AND coalesce(x.fixed_year = y.fixed_year, false) AS alike_fixed_date,
       e.fields AND x.price <> '' AND x.price = y.price AS alike_price,
       e.fields AND list_has_any(x.series, y.series) AS alike_series
FROM told b JOIN correction_value e ON e.template = b.template
JOIN shown x ON x.rid = b.rid JOIN shown y ON y.rid = b.other
LEFT JOIN reason g ON g.group_id = b.group_id AND g.rid = b.rid
"""

# The numbers of the others that a search of this record would not find: the same signs, hyphens apart.
_MISSED = """
SELECT * EXCLUDE (numbers, known),
       list_filter(numbers, lambda n: NOT list_contains(known, regexp_replace(n, '[^0-9Xx]', '', 'g'))) AS missing
FROM (
  SELECT n.*, CASE WHEN len(n.numbers) > 0
                   THEN list_transform(s.numbers, lambda m: regexp_replace(m, '[^0-9Xx]', '', 'g')) ELSE [] END AS known
  FROM beside n JOIN shown s ON s.rid = n.rid
)
"""

# A record that several libraries hold: each moves its own items, then whoever is to answer for it deletes the record.
_SPREAD = """
SELECT c.* REPLACE (h.library AS library, 'move' AS action, 'phrase.move' AS template, h.barcodes AS barcodes,
                    h.copies AS copies)
FROM several c JOIN (
  SELECT rid, library, count(*) AS copies, list(barcode ORDER BY barcode) FILTER (barcode <> '')[:$barcodes] AS barcodes
  FROM (SELECT s.rid, unnest(s.libraries) AS library, unnest(s.barcodes) AS barcode FROM shown s
        WHERE s.rid IN (SELECT rid FROM several)) GROUP BY rid, library
) h ON h.rid = c.rid AND h.library <> ''
UNION ALL
SELECT c.* REPLACE ($centre AS library, 'delete' AS action, 'phrase.delete' AS template) FROM several c
"""

ROWS = "FROM cases UNION ALL FROM shares"


def show(engine: Engine, rules: RuleSet) -> None:
    """Table `shown`: what is said of each record that is in a group."""
    limits = rules.tables["causes"]["limits"]
    engine.passing("shown", _SHOWN, {"letters": int(limits["title_letters"]), "barcodes": int(limits["barcodes"])})


def make(engine: Engine, rules: RuleSet) -> None:
    """From `shown`, `blame` and `reason` to `cases` and `shares`, the rows that `wording` puts into words."""
    causes = rules.tables["causes"]
    limits = {name: int(causes["limits"][name]) for name in ("barcodes", "others")}
    _values(engine, rules)
    engine.passing("beside", _BESIDE)
    engine.passing("missed", _MISSED)
    calls, number, formats = causes["two_calls"], causes["one_number"], causes["one_format"]
    situations = {"same_book": calls["instead_of"], "two_calls": calls["template"]}
    situations |= {"two_formats": formats["instead_of"], "one_format": formats["template"]}
    situations |= {"numbers": number["instead_of"], "one_number": number["template"]}
    engine.passing("told", _TOLD, situations)
    engine.passing("cases", _CASE, {"others": limits["others"]})
    engine.passing("several", "FROM cases WHERE action = 'merge' AND len(libraries) > 1")
    words = {"barcodes": limits["barcodes"], "centre": causes["centre"]}
    engine.passing("shares", _SPREAD, words)
    engine.drop("shown", "beside", "missed", "told", "several", "correction_value")


def _values(engine: Engine, rules: RuleSet) -> None:
    """Table `correction_value`: for each text, which of the dear values it asks for."""
    phrases = rules.tables["causes"]["phrases"]
    texts = {f"phrase.{name}": text for name, text in phrases.items()}
    for code in read_codes(rules).values():
        texts |= {f"{code.id}.{situation}": text for situation, text in code.corrections.items()}
    asked = {template: set(placed(text["zh"])) for template, text in texts.items()}
    columns = {name: [name in names for names in asked.values()] for name in _DEAR}
    table = pa.table({"template": list(asked), **columns})
    engine.write("correction_value", table.schema, table.to_batches())
