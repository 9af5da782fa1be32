"""The views of a finished database: queries over the tables of a run that people may build their own upon."""

from __future__ import annotations

from dedup.engine.base import Engine
from dedup.model import Format, Level
from dedup.stages.export import FINDINGS
from dedup.stages.shelf import HOLDERS, RESPONSIBLE
from dedup.tables import VIEWS


def _named(column: str, names: type[Format] | type[Level]) -> str:
    """A coded column by the names of its codes."""
    cases = " ".join(f"WHEN {int(one)} THEN '{one.name.lower()}'" for one in names)
    return f"CASE {column} {cases} END"


def _joined(values: str) -> str:
    """The values of a list joined by ;, null when there are none."""
    return f"nullif(array_to_string({values}, ';'), '')"


_LIBRARY = f"coalesce({_joined(HOLDERS)}, s.library)"
# A core has nine digits (978), or twelve with 979; the check digit weighs them 1 and 3 in turn (ISO 2108).
_DIGITS = "CASE WHEN x < 1000000000 THEN '978' || lpad(x::VARCHAR, 9, '0') ELSE x::VARCHAR END"
_WEIGHED = "list_transform(range(1, 13), lambda i: substr(t, i, 1)::INTEGER * CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END)"
_ISBN13 = (
    f"list_transform(list_transform(r.isbn, lambda x: {_DIGITS}),"
    f" lambda t: t || ((10 - list_sum({_WEIGHED}) % 10) % 10)::INTEGER::VARCHAR)"
)
_VOLUME = """
coalesce(nullif(r.volume_label, ''),
         r.volume_from::VARCHAR || CASE WHEN r.volume_to > r.volume_from THEN '-' || r.volume_to::VARCHAR ELSE '' END)
"""

_RECORD = f"""
SELECT r.record_id, r.source, nullif({_LIBRARY}, '') AS library, {_named("r.format", Format)} AS format,
       nullif(r.display_title, '') AS title, nullif(r.display_responsibility, '') AS responsibility,
       nullif(r.edition_text, '') AS edition, {_joined("r.publishers")} AS publisher, r.year, r.pages,
       nullif(r.display_statement, '') AS statement, {_joined("r.isbn_text")} AS isbn, {_joined(_ISBN13)} AS isbn13,
       {_joined("r.languages")} AS languages, nullif(r.carrier, '') AS carrier, {_named("r.level", Level)} AS level,
       {_VOLUME} AS volume, {_joined("r.series_text")} AS series,
       {_joined("list_filter(r.call_numbers, lambda x: x <> '')")} AS call_numbers, len(r.libraries)::INTEGER AS items,
       j.code AS junk, f.codes AS faults, r.file, nullif(r.encoding, '') AS encoding
FROM record r JOIN source s ON s.source = r.source
LEFT JOIN junk j ON j.rid = r.rid
LEFT JOIN (SELECT rid, string_agg(DISTINCT code, ';' ORDER BY code) AS codes FROM fault GROUP BY rid) f ON f.rid = r.rid
"""

_GROUP = f"""
SELECT m.group_id, m.verdict, nullif(c.cause, '') AS cause, nullif(c.secondary, '') AS secondary,
       nullif(c.flags, '') AS flags, r.record_id, m.keep, m.confidence, s.library, g.reason, b.responsible,
       t.action, t.correction_zh, t.correction_en, nullif(r.display_title, '') AS title
FROM member m JOIN record r ON r.rid = m.rid JOIN shelf s ON s.rid = m.rid
JOIN correction t ON t.group_id = m.group_id AND t.rid = m.rid AND t.library = ''
LEFT JOIN group_cause c ON c.group_id = m.group_id
LEFT JOIN reason g ON g.group_id = m.group_id AND g.rid = m.rid
LEFT JOIN ({RESPONSIBLE}) b ON b.group_id = m.group_id
"""

_PAIR = """
SELECT least(a.record_id, z.record_id) AS "left", greatest(a.record_id, z.record_id) AS "right",
       CASE WHEN x."left" IS NULL THEN j.verdict ELSE 'review' END AS verdict,
       CASE WHEN x."left" IS NULL THEN nullif(c.cause, '') END AS cause,
       CASE WHEN x."left" IS NULL THEN nullif(c.secondary, '') END AS secondary, j.score, j.row,
       nullif(CASE WHEN x."left" IS NULL THEN j.veto ELSE x.veto END, '') AS veto, nullif(j.reason, '') AS reason,
       b.record_id AS because_left, d.record_id AS because_right
FROM judged j JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right"
LEFT JOIN cause c ON c."left" = j."left" AND c."right" = j."right"
LEFT JOIN conflict x ON x."left" = j."left" AND x."right" = j."right"
LEFT JOIN record b ON b.rid = x.because_left LEFT JOIN record d ON d.rid = x.because_right
WHERE j.verdict <> 'different' OR j.veto <> ''
"""

_QUERIES = {"record_view": _RECORD, "group_view": _GROUP, "finding_view": FINDINGS, "pair_view": _PAIR}


def make_views(engine: Engine) -> None:
    """Make the views of `tables.VIEWS`, each with a comment and one for every column, over the tables of a run."""
    for name, (columns, means) in VIEWS.items():
        comments = {field.name: field.metadata[b"means"].decode() for field in columns}
        engine.view(name, _QUERIES[name], means, comments)
