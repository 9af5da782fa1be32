"""Numbers and places that belong to another publisher than the imprint names (Q06, Q15): rests of a borrowed record.

Source: domain facts 5.7, D05 5c, P11, P19.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.fault_case import NONE, Case, Fault, Ints, Mask
from dedup.normalise.person import EAST_ASIAN
from dedup.normalise.publisher import publisher_family, publisher_keys
from dedup.normalise.window import number_at, window
from dedup.rules import RuleSet

_CODE_DIGITS, _PROVINCE = 6, 10_000


@cache
def _known(rules: RuleSet) -> tuple[dict[str, int], dict[str, int], tuple[str, ...]]:
    """Registrants and publisher keys with the number of their house, and the names of the houses."""
    table = rules.tables["faults"]["house"]
    rows = table["registrant"]
    prefixes = {f"{table['group']}-{prefix}": at for at, row in enumerate(rows) for prefix in row["prefixes"]}
    keys = {key: at for at, row in enumerate(rows) for key in publisher_keys(row["house"], rules)[:1]}
    return prefixes, keys, tuple(row["house"] for row in rows)


def _encoded(case: Case, name: str) -> tuple[Ints, list[str], Ints]:
    """A column of lists: the record of every value, the distinct values, and which one each is."""

    def encode() -> tuple[Ints, list[str], Ints]:
        """Worked out once for all checks."""
        column = case.columns[name]
        encoded = column.flatten().dictionary_encode()
        row = np.asarray(pc.list_parent_indices(column)).astype(np.int64)
        return row, encoded.dictionary.to_pylist(), np.asarray(encoded.indices)

    return case.batch.derived(f"encoded {name}", encode)


def _numbered(case: Case, name: str, numbers: Mapping[str, int]) -> tuple[Ints, Ints]:
    """Record and number (-1 = not in the table) of every value of a column of lists."""
    row, values, index = _encoded(case, name)
    return row, np.array([*(numbers.get(value, NONE) for value in values), NONE], np.int64)[index]


def _only(row: Ints, number: Ints, rows: int) -> Ints:
    """For each record the one number that all its values have; -1 where there is none or they differ."""
    found = np.full(rows, NONE, np.int64)
    if len(row):
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        least, most = np.minimum.reduceat(number, starts), np.maximum.reduceat(number, starts)
        found[row[starts]] = np.where(least == most, least, NONE)
    return found


def apart(registrants: tuple[Ints, Ints], imprints: tuple[Ints, Ints], rows: int) -> Ints:
    """Records whose numbers are all of one known house, whose imprint names known houses, and not that one."""
    house = _only(*registrants, rows)
    row, named = imprints
    found = np.zeros(rows, np.bool_)
    found[row] = True
    found[row[(named == NONE) | (named == house[row])]] = False
    return np.flatnonzero(found & (house != NONE))


def foreign_number(case: Case) -> list[Fault]:
    """Q06: the ISBN is that of another house, or of another country, than the imprint."""
    return [*_of_another_house(case), *_of_another_country(case)]


def _of_another_house(case: Case) -> list[Fault]:
    prefixes, keys, names = _known(case.rules)
    numbers = _numbered(case, "registrants", prefixes)
    if not (numbers[1] != NONE).any():
        return []
    rows = apart(numbers, _numbered(case, "publishers", keys), len(case.batch))
    owner = _only(*numbers, len(case.batch))
    first = {house: prefix for prefix, house in reversed(prefixes.items())}
    lists = (case.values(name, rows) for name in ("registrants", "publishers", "publisher_families"))
    found = []
    for row, registrants, publishers, families in zip(rows.tolist(), *lists, strict=True):
        key = publisher_keys(names[owner[row]], case.rules)[0]
        if publisher_family(key, case.rules) not in families and not _shared_edition(case, row):
            house = keys[publishers[0]]
            found.append(_fault(case, row, registrants[0], f"{first[house]} {names[house]}"))
    return found


def _fault(case: Case, row: int, registrant: str, expected: str) -> Fault:
    return Fault(row, "Q06", case.in_dialect(case.settings("isbn")["field"], row), registrant, expected)


@cache
def _co_published(rules: RuleSet) -> re.Pattern[str]:
    return re.compile(rules.tables["faults"]["house"]["co_published"], re.I)


def _shared_edition(case: Case, row: int) -> bool:
    """Whether the record speaks of a facsimile, a licence or a co-publication: two houses' numbers are lawful."""
    kinds = set(case.columns["edition_kinds"][row].as_py() or ())
    if not kinds.isdisjoint(case.settings("house")["kinds"]):
        return True
    spoken = " ".join(case.text(name, row) for name in ("title", "edition", "imprint", "note", "medium"))
    return _co_published(case.rules).search(spoken) is not None


def _of_another_country(case: Case) -> list[Fault]:
    """A number of the Chinese group under a foreign imprint, or of a foreign group under a Chinese one."""
    settings = case.settings("house")
    has_home, has_far, has_near = _groups(case, settings)
    country = case.columns["country"]
    mainland = np.asarray(pc.is_in(country, pa.array(settings["chinese"]))).astype(np.bool_)
    coded = np.asarray(pc.match_substring_regex(country, "^[a-z]{2,3}$")).astype(np.bool_)
    abroad = coded & ~np.asarray(pc.is_in(country, pa.array(settings["neighbour_codes"]))).astype(np.bool_)
    found = np.flatnonzero((has_home & ~has_far & abroad) | (has_far & ~has_near & mainland))
    found = found[(case.counts("publishers") == 1)[found] & (case.counts("places") > 0)[found]]
    lists = (case.values(name, found) for name in ("registrants", "publishers", "places"))
    return [
        _fault(case, row, numbers[0], f"{settings['group']} {houses[0]}" if mainland[row] else houses[0])
        for row, numbers, houses, places in zip(found.tolist(), *lists, strict=True)
        if _contradicts(case, bool(mainland[row]), houses[0], places) and not _shared_edition(case, row)
    ]


def _groups(case: Case, settings: Mapping[str, Any]) -> tuple[Mask, Mask, Mask]:
    """Records with a number of the Chinese group, with one of another, with one of China or its neighbours."""
    owner, values, index = _encoded(case, "registrants")
    groups = [value.split("-", 1)[0] for value in values]
    home = np.array([group == settings["group"] for group in groups], np.bool_)[index]
    near = home | np.array([group in settings["neighbours"] for group in groups], np.bool_)[index]
    has_home, has_far, has_near = (np.zeros(len(case.batch), np.bool_) for _ in range(3))
    has_home[owner[home]], has_far[owner[~home]], has_near[owner[near]] = True, True, True
    return has_home, has_far, has_near


def _contradicts(case: Case, mainland: bool, house: str, places: list[str]) -> bool:
    """Whether name and place bear out the country coded: a Chinese name in China, a foreign one elsewhere."""
    chinese = EAST_ASIAN.search(house) is not None
    if mainland:
        return chinese and any(place in case.settings("place")["cities"] for place in places)
    near = set(case.settings("house")["neighbour_places"])
    return not chinese and not any(place in near or EAST_ASIAN.search(place) for place in places)


def place_against_code(case: Case) -> list[Fault]:
    """Q15: 102$b names another province than the place of publication (CNMARC)."""
    here = np.flatnonzero(case.batch.formats == Format.CNMARC)
    if not len(here):
        return []
    settings = case.settings("place")
    parts = case.batch.subfields("country")
    at = np.flatnonzero(parts.where("b", [int(settings["field"][:3])]))
    at = at[parts.lengths()[at] == _CODE_DIGITS]
    code = np.full(len(case.batch), NONE, np.int64)
    code[parts.row[at][::-1]] = number_at(window(parts.taken(at), _CODE_DIGITS)[0], 0, _CODE_DIGITS)[::-1]
    code[np.isin(code, settings["defaults"])] = NONE
    row, province = _numbered(case, "places", settings["cities"])
    wanted = _only(row, province, len(case.batch))
    wrong = np.flatnonzero((code != NONE) & (wanted != NONE) & (code // _PROVINCE != wanted))
    return [
        Fault(at, "Q15", settings["field"], f"{given:06d}", str(right * _PROVINCE))
        for at, given, right in zip(wrong.tolist(), code[wrong].tolist(), wanted[wrong].tolist(), strict=True)
        if given // _PROVINCE not in settings["former"].get(str(right), ())
    ]
