"""The rule book as text for the console and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from dedup.rulebook.words import Entry, Legend, Words

_HEAD = """# Rules

<!-- Made by docs/make_rules.py from the tables under rules/. Edit the tables, then run it again. -->

What every code, policy row, question and blocking rule means: the same tables that decide. `dedup rule CODE` shows one
entry, `dedup explain LEFT RIGHT` shows which of them decided a pair.
"""


def page(entry: Entry, legend: Legend, language: str) -> str:
    """One entry in one language, no line wrapped."""
    kind = legend.names["kind"][entry.kind].of(language)
    lines = [f"{entry.id}  {entry.name.of(language)}  [{kind}]"]
    for paragraph in entry.paragraphs:
        lines.append(f"{paragraph.label.of(language)}:")
        lines.extend(f"  {line.of(language)}" for line in paragraph.lines)
    return "\n".join(lines)


_CODE_HEAD = """# `{id}` {zh} / {en}

<!-- Made by docs/make_rules.py from rules/causes.toml. Edit the table, then run it again. -->
"""


def code_page(entry: Entry, legend: Legend) -> str:
    """The page of one code in both languages: docs/codes/CODE.md."""
    blocks = [_CODE_HEAD.format(id=entry.id, zh=_safe(entry.name.zh), en=_safe(entry.name.en))]
    for language, label in (("zh", "chinese"), ("en", "english")):
        blocks.append(f"## {legend.labels[label].of(language)}\n")
        for paragraph in entry.paragraphs:
            lines = [_safe(line.of(language)) for line in paragraph.lines]
            said = lines[0] if len(lines) == 1 else "\n".join(["", *(f"- {line}" for line in lines)])
            blocks.append(f"**{_safe(paragraph.label.of(language))}** {said}\n")
    return "\n".join(blocks)


def code_list(entries: Iterable[Entry], legend: Legend) -> str:
    """The list of all codes with links to their pages: docs/codes/README.md."""
    rows = ["# Codes\n", "<!-- Made by docs/make_rules.py from rules/causes.toml. -->\n"]
    rows += [f"| | {legend.labels['chinese'].zh} | {legend.labels['english'].en} |", "| --- | --- | --- |"]
    rows += [f"| [{one.id}]({one.id}.md) | {_safe(one.name.zh)} | {_safe(one.name.en)} |" for one in entries]
    return "\n".join(rows) + "\n"


def overview(entries: Iterable[Entry], legend: Legend, language: str) -> str:
    """Ids and names of all entries, kind after kind."""
    blocks = []
    for kind, group in groupby(entries, key=lambda entry: entry.kind):
        members = list(group)
        width = max(len(entry.id) for entry in members)
        lines = [legend.means["kind"][kind].of(language)]
        lines.extend(f"  {entry.id:{width}}  {entry.name.of(language)}" for entry in members)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def markdown(entries: Iterable[Entry], legend: Legend) -> str:
    """The whole rule book in both languages: docs/rules.md."""
    blocks = [_HEAD]
    for kind, group in groupby(entries, key=lambda entry: entry.kind):
        blocks.append(f"## {_both(legend.means['kind'][kind])}\n")
        blocks.extend(_section(entry, legend) for entry in group)
    return "\n".join(blocks)


def _both(words: Words) -> str:
    return _safe(words.zh if words.zh == words.en else f"{words.zh} / {words.en}")


def _section(entry: Entry, legend: Legend) -> str:
    """A heading and a table of its paragraphs, Chinese beside English."""
    heads = (legend.labels["chinese"], legend.labels["english"])
    rows = [
        f"### `{entry.id}` {_both(entry.name)}\n",
        f"| | {heads[0].zh} | {heads[1].en} |",
        "| --- | --- | --- |",
    ]
    for paragraph in entry.paragraphs:
        cells = (_cell([line.zh for line in paragraph.lines]), _cell([line.en for line in paragraph.lines]))
        rows.append(f"| {_both(paragraph.label)} | {cells[0]} | {cells[1]} |")
    return "\n".join(rows) + "\n"


def _cell(lines: Sequence[str]) -> str:
    return "<br>".join(_safe(line) for line in lines)


def _safe(text: str) -> str:
    """Text without what Markdown reads as a mark of its own."""
    marked = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
    for mark in "\\|*_[]`":
        marked = marked.replace(mark, "\\" + mark)
    return marked
