"""Lines of what people said before: findings confirmed to be no duplicates, and those open since earlier reports."""

from __future__ import annotations

from dedup.engine.base import Engine
from dedup.report.columns import read_words
from dedup.rules import RuleSet

RECORDS = {"answered": "SELECT rid FROM answered", "open_finding": "SELECT rid FROM open_finding"}
"""Table of people's answers -> which records it speaks of."""

# A finding is open for each library that was asked. What is shown of it is what this report says of the record; of a
# record that is in no finding any more, though it was said to be deleted, only that.
_OPEN = """
SELECT 'O|' || o.library || '|' || coalesce(l.finding, o.group_id) AS finding,
       CASE WHEN o.group_id = 'J' THEN '' ELSE o.group_id END AS group_id, o.rid, 'open' AS part,
       coalesce(l.verdict, '') AS verdict, coalesce(l.cause, '') AS cause, coalesce(l.secondary, '') AS secondary,
       coalesce(l.flags, '') AS flags, coalesce(l.action, '') AS action, coalesce(l.keep, false) AS keep,
       coalesce(l.keep_record, '') AS keep_record, coalesce(l.correction_zh, '') AS correction_zh,
       coalesce(l.correction_en, '') AS correction_en, coalesce(l.reason_zh, '') AS reason_zh,
       coalesce(l.reason_en, '') AS reason_en, coalesce(l.confidence, '') AS confidence,
       list_filter([o.library], lambda x: x <> '') AS doers, '' AS maker, false AS at_fault,
       {zh} AS before_zh, {en} AS before_en
FROM open_finding o JOIN report_record r ON r.rid = o.rid
LEFT JOIN report_finding l ON l.rid = o.rid
      AND l.finding = CASE WHEN o.group_id = 'J' THEN 'J|' || r.record_id ELSE o.group_id END
"""

_CONFIRMED = """
SELECT 'C|' || a.state || '|' || a.group_id || CASE WHEN a.group_id = 'J' THEN '|' || r.record_id ELSE '' END
         AS finding,
       CASE WHEN a.group_id = 'J' THEN '' ELSE a.group_id END AS group_id, a.rid, 'confirmed' AS part,
       a.verdict, a.cause,
       '' AS secondary, '' AS flags, 'leave' AS action, false AS keep, '' AS keep_record, {zh} AS correction_zh,
       {en} AS correction_en, '' AS reason_zh, '' AS reason_en, '' AS confidence,
       list_sort(list_distinct(list_filter(list_append(a.libraries, a.library), lambda x: x <> ''))) AS doers,
       '' AS maker, false AS at_fault, '' AS before_zh, '' AS before_en
FROM answered a JOIN report_record r ON r.rid = a.rid
"""


def write_answered(engine: Engine, rules: RuleSet) -> tuple[str, ...]:
    """Write tables of lines from `answered` and `open_finding`, where a run has them. Returns their names.

    `report_finding` holds the lines of this report's findings.
    """
    made = []
    if engine.has("open_finding"):
        engine.passing("report_open_line", _OPEN.format(zh=_open_text(rules, "zh"), en=_open_text(rules, "en")))
        made.append("report_open_line")
    if engine.has("answered"):
        texts = {language: _confirmed_text(rules, language) for language in ("zh", "en")}
        engine.passing("report_confirmed_line", _CONFIRMED.format(**texts))
        made.append("report_confirmed_line")
    return tuple(made)


def _literal(text: str) -> str:
    """A text of the rules as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _put(text: str, values: dict[str, str]) -> str:
    """An expression that puts values, themselves expressions, into a text; what people typed comes last."""
    made = _literal(text)
    for name, value in values.items():
        made = f"replace({made}, '{{{name}}}', {value})"
    return made


def _by(rules: RuleSet, language: str, table: str) -> str:
    """Who said so: a name, else the library, else somebody."""
    somebody = _literal(read_words(rules).texts["somebody"].of(language))
    return f"""coalesce(nullif({table}."by", ''), nullif({table}.library, ''), {somebody})"""


def _open_text(rules: RuleSet, language: str) -> str:
    """What is said of an open finding before the correction: since when, and what was answered."""
    words = read_words(rules)
    claims = " ".join(f"WHEN '{id}' THEN {_literal(name.of(language))}" for id, name in words.choices.items())
    values = {"since": "o.since", "claim": f"CASE o.claim {claims} ELSE o.claim END", "by": _by(rules, language, "o")}
    texts = {name: _put(words.texts[name].of(language), values) for name in ("waiting", "unsure", "undone")}
    return (
        f"CASE o.claim WHEN '' THEN {texts['waiting']} WHEN 'unsure' THEN {texts['unsure']} ELSE {texts['undone']} END"
    )


def _confirmed_text(rules: RuleSet, language: str) -> str:
    """Who confirmed a finding, and whether it is shown again."""
    words = read_words(rules)
    values = {"period": "a.period", "now": "a.now", "by": _by(rules, language, "a"), "note": "a.note"}
    names = ("standing", "lapsed", "lapsed_same", "lapsed_review")
    texts = {name: _put(words.texts[name].of(language), values) for name in names}
    return (
        f"trim(CASE WHEN a.state <> 'lapsed' THEN {texts['standing']}"
        f" WHEN a.answer = 'same' THEN {texts['lapsed_same']}"
        f" WHEN a.answer = 'review' THEN {texts['lapsed_review']} ELSE {texts['lapsed']} END)"
    )
