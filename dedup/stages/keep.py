"""Which record of a group to keep: the order of `rules/group.toml [keep]` as sort terms."""

from __future__ import annotations

from dedup.errors import RuleError, problem
from dedup.model import Format
from dedup.rules import RuleSet

_TERMS = {
    "title": "r.title_usable DESC",
    "source_number": "(len(r.source_numbers) > 0) DESC",
    "libraries": "len(list_distinct(r.libraries)) DESC",
    "fullness": "r.fullness DESC",
    "control": "length(r.control), r.control",
}


def keep_order(rules: RuleSet) -> list[str]:
    """SQL sort terms over `record r`, the record to keep first. Raises RuleError for an unknown criterion."""
    table = rules.tables.get("group", {}).get("keep", {})
    place = f"{rules.root / 'group.toml'} order"
    known = {**_TERMS, "format": _format(table.get("cnmarc_languages", ()))}
    order = table.get("order", ())
    if not order:
        raise RuleError(problem(place, "nothing", "the criteria of the record to keep", "restore the table"))
    for name in order:
        if name not in known:
            raise RuleError(problem(place, repr(name), f"one of {', '.join(sorted(known))}", "correct it"))
    return [*(known[name] for name in order), "r.record_id"]


def _format(languages: list[str]) -> str:
    for code in languages:
        if not (code.isascii() and code.isalpha()):
            raise RuleError(
                problem("group.toml [keep] cnmarc_languages", repr(code), "an ISO 639-2 code", "correct it")
            )
    named = ", ".join(f"'{code}'" for code in languages) or "''"
    wrong = f"CASE WHEN r.languages[1] IN ({named}) THEN {Format.MARC21:d} ELSE {Format.CNMARC:d} END"
    return f"(r.format <> {wrong}) DESC"
