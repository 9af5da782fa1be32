"""Order lists held against the catalogue, so that nothing is bought or catalogued twice that it holds already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dedup.check.orders.model import Answer, Match, OrderReport, Status

if TYPE_CHECKING:
    from dedup.rules import RuleSet

__all__ = ["Answer", "Match", "OrderReport", "Status", "check_orders"]


def check_orders(path: Path, database: Path, rules: RuleSet, threads: int = 2) -> OrderReport:
    """Hold every line of an order list against the catalogue in the DuckDB file of a run, which is only read.

    Raises InputError for a list that cannot be read or has neither an ISBN nor a title column, StoreError for a
    database that is missing, damaged or of another version.
    """
    from dedup.check.attached import told_of
    from dedup.check.orders.answers import answers
    from dedup.check.orders.candidates import find, first_line
    from dedup.check.orders.files import read_list
    from dedup.check.orders.lines import lines
    from dedup.check.orders.records import loaded
    from dedup.check.orders.settings import read_settings
    from dedup.store import beside

    settings = read_settings(rules)
    orders = read_list(path, settings)
    told = tuple(lines(orders, settings, rules))
    engine = beside(database, threads)
    try:
        first = first_line(engine)
        records, _, other_rules = told_of(engine, rules)
        made = loaded(told, first, settings, rules)
        found = find(engine, made, rules, settings.most_records)
    finally:
        engine.close()
    answered = tuple(answers(told, made, found, settings, rules))
    return OrderReport(orders, answered, str(database), records, other_rules)
