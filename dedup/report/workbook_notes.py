"""The sheet 说明: how to answer, what the words mean, and what the report was made with."""

from __future__ import annotations

from datetime import date

from dedup import __version__
from dedup.report.columns import said
from dedup.report.workbook_rows import Asked
from dedup.report.workbook_summary import Row, one_line, speaker
from dedup.rules import RuleSet

_HOW = ("how_answer", "how_key", "how_keep", "how_text", "how_estimate")
_LISTS = {"verdicts": "verdict", "actions": "action", "flags": "flag", "causes": "code"}
_DIGITS = 16


def notes(asked: Asked, rules: RuleSet, name: str) -> list[Row]:
    """The rows of 说明; `name` is the name of the workbook's own file."""
    say = speaker(asked)
    rows = [Row("title", (one_line(asked.words.sheets[-1].name, asked),)), Row("empty"), Row("head", (say("how"),))]
    rows += [Row("text", (say(one),)) for one in _HOW]
    rows += [Row("empty"), Row("head", (say("sheets"), say("contents")))]
    rows += [
        Row("cells", (one_line(sheet.name, asked), one_line(sheet.means, asked)))
        for sheet in asked.words.sheets
        if sheet.means.zh
    ]
    for label, kind in _LISTS.items():
        rows += [Row("empty"), Row("head", (say(label), say("name"), say("meaning")))]
        names, means = asked.words.names[kind], asked.words.means[kind]
        for id, words in names.items():
            meaning = one_line(means[id], asked) if id in means else ""
            rows.append(Row("cells", (id, one_line(words, asked), meaning)))
    versions = {
        "period": asked.period,
        "made": f"{date.today():%Y-%m-%d}",
        "program": f"dedup {__version__}",
        "rules": rules.sha256[:_DIGITS],
        "file": name,
        "data": said(asked.words.texts["data_files"], asked.language, " "),
    }
    rows += [Row("empty"), Row("head", (say("versions"), ""))]
    return [*rows, *(Row("cells", (say(label), text)) for label, text in versions.items())]
