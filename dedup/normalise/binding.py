"""Binding classes and price, from qualifiers of standard numbers, price, extent and material."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import holding, matching, worded
from dedup.normalise.batch import RawBatch
from dedup.normalise.person import EAST_ASIAN
from dedup.normalise.pick import Mask, Memory, flat, in_record_order, per_row, picked, picks
from dedup.rules import RuleSet

_BRACKETED = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_WORTH = "[装裝皮页頁製](?:$|[^0-9])|[(（\\[][^0-9)]*[a-zа-я]{3}"
_NUMBER = re.compile(r"(?:97[89][- ]?)?[0-9][0-9 -]{7,}[0-9xX]?")


@dataclass(frozen=True, slots=True)
class _Bindings:
    """Words and their classes, and one pattern per script that finds the longest word first."""

    classes: dict[str, str]
    latin: re.Pattern[str]
    han: re.Pattern[str]


@cache
def _bindings(rules: RuleSet) -> _Bindings:
    classes = {word: row.kind for row in rules.terms["binding"] for word in row.entries}
    longest = sorted(classes, key=len, reverse=True)
    latin = "|".join(re.escape(word) for word in longest if not EAST_ASIAN.search(word))
    han = "|".join(re.escape(word) for word in longest if EAST_ASIAN.search(word))
    return _Bindings(classes, re.compile(rf"(?<![\w-])(?:{latin})(?![\w-])"), re.compile(han))


def binding_classes(text: str, rules: RuleSet) -> tuple[str, ...]:
    """Classes of binding named in a qualifier, sorted: `(hardcover : alk. paper)` gives hard. Kind of paper is none."""
    table = _bindings(rules)
    lowered = unicodedata.normalize("NFKC", text).lower()
    found = {table.classes[word] for word in table.latin.findall(lowered)}
    if not text.isascii():
        found |= {table.classes[word] for word in table.han.findall(lowered)}
    found.discard("neutral")
    return tuple(sorted(found))


def qualifier_classes(text: str, rules: RuleSet) -> tuple[str, ...]:
    """Classes in a subfield that holds a number and its qualifier: only what stands outside the number counts."""
    return binding_classes(_NUMBER.sub(" ", text), rules)


def bracketed_classes(text: str, rules: RuleSet) -> tuple[str, ...]:
    """Classes in an extent or note: Chinese words anywhere, words of alphabets only in brackets.

    `p` and `br` in an extent mean pages and brochures, not a binding.
    """
    if EAST_ASIAN.search(text):
        return tuple(sorted({_bindings(rules).classes[word] for word in _han_whole(text, rules)} - {"neutral"}))
    return tuple(sorted({one for part in _BRACKETED.findall(text) for one in _long_words(part, rules)}))


def _han_whole(text: str, rules: RuleSet) -> list[str]:
    return [word for word in _bindings(rules).han.findall(unicodedata.normalize("NFKC", text)) if len(word) > 1]


def _long_words(text: str, rules: RuleSet) -> set[str]:
    table = _bindings(rules)
    words = [word for word in table.latin.findall(text.lower()) if len(word) > 2]
    return {table.classes[word] for word in words} - {"neutral"}


def price_text(text: str, rules: RuleSet) -> str:
    """A price as currency and amount: `CNY16.80 (含光盘)` gives CNY16.80, `25.00元` gives CNY25.00; else empty."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not (amount := re.search(r"\d+(?:[.,]\d+)?", plain)):
        return ""
    number = f"{float(amount[0].replace(',', '.')):.2f}"
    return f"{_currency(plain, amount.start(), amount.end(), rules)}{number}"


def _currency(text: str, start: int, end: int, rules: RuleSet) -> str:
    """The currency as a code of three letters: from the sign before the amount or the word after it."""
    signs = rules.tables["price"]["signs"]
    if sign := re.search(r"[A-Z]{2,3}|[$£€¥]", text[:start].upper()):
        return str(signs.get(sign[0], sign[0]))
    after = text[end:].lstrip()
    return next((str(code) for word, code in signs.items() if after.startswith(word)), "")


@cache
def _memories(rules: RuleSet) -> tuple[Memory, Memory, Memory]:
    return (
        Memory(lambda text: (qualifier_classes(text, rules),)),
        Memory(lambda text: (bracketed_classes(text, rules),)),
        Memory(lambda text: ((price,) if (price := price_text(text, rules)) else (),)),
    )


def binding_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`binding` (sorted classes) and `price` (the first one, currency and amount; empty when none is given)."""
    qualifiers, extents, prices = _memories(rules)
    numbers = _sure(batch, picked(batch, "isbn", picks(rules, "binding", "number")))
    parts = [_classes(batch, "isbn", numbers, qualifiers)]
    for column, key in (("extent", "extent"), ("medium", "material")):
        mask = picked(batch, column, picks(rules, "binding", key))
        parts.append(_classes(batch, column, _bracketed(batch, column, mask), extents))
    row = np.concatenate([part[0] for part in parts])
    values = pa.concat_arrays([part[1] for part in parts])
    row, values = in_record_order(row, values)
    return {"binding": _sorted(row, values, len(batch)), "price": _price(batch, rules, prices)}


def _sure(batch: RawBatch, mask: Mask) -> Mask:
    """Leave out the numbers without a qualifier, which are the most."""
    at = np.flatnonzero(mask)
    values = batch.subfields("isbn").taken(at)
    mask[at[~worded(values)]] = False
    return mask


def _bracketed(batch: RawBatch, column: str, mask: Mask) -> Mask:
    at = np.flatnonzero(mask)
    values = batch.subfields(column).taken(at)
    worth = matching(values, _WORTH, holding(values, "装裝皮页頁製(（["))
    mask[at[~worth]] = False
    return mask


def _classes(batch: RawBatch, column: str, mask: Mask, memory: Memory) -> tuple[np.ndarray, pa.StringArray]:
    subfields = batch.subfields(column)
    at = np.flatnonzero(mask)
    (lists,) = memory.lists(subfields.taken(at))
    return flat(subfields.row[at], lists)


def _sorted(row: np.ndarray, values: pa.StringArray, rows: int) -> pa.ListArray:
    """Classes of each record once, in alphabetical order."""
    encoded = values.dictionary_encode()
    rank = np.argsort(np.argsort(np.array(encoded.dictionary.to_pylist(), dtype=object)))
    codes = rank[np.asarray(encoded.indices)] if len(values) else np.zeros(0, np.int64)
    order = np.lexsort((codes, row))
    return per_row(row[order], values.take(pa.array(order)), rows, distinct=True)


def _price(batch: RawBatch, rules: RuleSet, memory: Memory) -> pa.StringArray:
    subfields = batch.subfields("isbn")
    at = np.flatnonzero(picked(batch, "isbn", picks(rules, "binding", "price")))
    row, prices = flat(subfields.row[at], memory.lists(subfields.taken(at))[0])
    owners, first = np.unique(row, return_index=True)
    index = np.full(len(batch), -1, np.int64)
    index[owners] = first
    return pc.fill_null(prices.take(pa.array(index, mask=index < 0)), "")
