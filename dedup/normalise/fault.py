"""The column `faults` of CONCEPT: what is wrong inside one record, whatever it is compared with.

Each check looks at whole columns and reads only the few records that may be at fault. What a code means stands in
`rules/causes.toml`, its numbers and words in `rules/faults.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from dedup.normalise.batch import RawBatch
from dedup.normalise.fault_case import Case, Fault
from dedup.normalise.fault_class import class_against_call_number
from dedup.normalise.fault_date import entered_too_early, year_against_imprint
from dedup.normalise.fault_field import missing_fields, template_rests, unreadable_text
from dedup.normalise.fault_house import foreign_number, place_against_code
from dedup.normalise.fault_isbn import one_form_only, unreadable, wrong_check_digit
from dedup.normalise.fault_title import misplaced_statements, series_in_title
from dedup.normalise.gathered import text_lists
from dedup.rules import RuleSet

CHECKS: tuple[Callable[[Case], list[Fault]], ...] = (
    year_against_imprint,
    wrong_check_digit,
    unreadable,
    one_form_only,
    entered_too_early,
    foreign_number,
    missing_fields,
    misplaced_statements,
    series_in_title,
    template_rests,
    unreadable_text,
    class_against_call_number,
    place_against_code,
)
PARTED = "\t"
"""What parts code, field, found and expected in the column."""


def fault_column(batch: RawBatch, columns: Mapping[str, pa.Array], rules: RuleSet) -> pa.ListArray:
    """For each record its faults as `CODE TAB FIELD TAB FOUND TAB EXPECTED`, sorted; `columns` are those of CONCEPT."""
    case = Case(batch, columns, rules)
    found = [(fault.row, _line(fault)) for check in CHECKS for fault in check(case)]
    return text_lists(len(batch), sorted(found))


def _line(fault: Fault) -> str:
    return PARTED.join(" ".join(part.split()) for part in (fault.code, fault.field, fault.found, fault.expected))
