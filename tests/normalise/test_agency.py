from __future__ import annotations

from dedup.model import Format
from dedup.normalise.agency import agency_columns
from dedup.rules import load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()


def test_040_names_the_original_agency_first_and_the_last_modifier_last() -> None:
    record = {"agency": [field("040", "$aDLC$beng$cDLC$dOCLCQ$dGPO")]}
    assert agency_columns(batch([record]), RULES)["agencies"].to_pylist() == [["DLC", "OCLCQ", "GPO"]]


def test_801_fields_are_put_in_order_by_their_second_indicator() -> None:
    fields = [
        field("801", "$aCN$bNKU$c20100101", " 2"),
        field("801", "$aCN$bBNU$c20050101", " 0"),
        field("801", "$aCN$bBSD$c20060101", " 1"),
    ]
    found = agency_columns(batch([{"agency": fields}], Format.CNMARC), RULES)["agencies"]
    assert found.to_pylist() == [["BNU", "BSD", "NKU"]]


def test_blank_agencies_are_none_and_records_stay_apart() -> None:
    records = [{"agency": [field("040", "$aDLC")]}, {"agency": [field("040", "$a $cDLC")]}, {}]
    assert agency_columns(batch(records), RULES)["agencies"].to_pylist() == [["DLC"], ["DLC"], []]
