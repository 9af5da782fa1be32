"""Publishers brought to keys: one key for all the ways of naming one house, never by part of a name.

人民出版社 is not 天津人民出版社: generic words are cut off the end, nothing is looked for inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dedup.normalise.person import EAST_ASIAN
from dedup.normalise.text import fold, skeleton
from dedup.rules import RuleSet

_EDGES = " \t.,:;/[]()<>?\"'"
_BRACKETS = re.compile(r"[\[\]<>{}?©*]|\(.*?\)")
_UNITED_STATES = re.compile(r"\bu\.? ?s\.?(?: ?a\.?)?(?=[\s,]|$)|\bunited states\b")
_APOSTROPHE = re.compile(r"['’`](?:s\b)?")
_AND_OTHERS = re.compile(r"\[?\betc\b\.?\]?,?")
_UNIVERSITY_PRESS = re.compile(r"\bu\. ?p(?:ress\b|r\.|\.)")
# Nothing in brackets, nothing left out.
_SIMPLE = re.compile(r"[\w ,;:/&'.-]*(?<!\betc)")
_CLAUSES = re.compile(r"\s*;\s*|\s:\s|\s*/\s*")
_LETTERS = re.compile(r"[^\w\s]|_")
# Printed for T. Garthwait at the little North-doore of S. Pauls
_AT_THE_SIGN = re.compile(r"(?<=\w{3}) at the (?!.*\b(?:press|univ)).*")
_HAN_BRACKETS = re.compile(r"[(\[（［〔【][^)\]）］〕】]*[)\]）］〕】]")
# Between two surnames, and between two first names.
_AND = "and"
_HAN_CUT = re.compile(r"[,，;；/]|\s和\s")


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in words)


@dataclass(frozen=True, slots=True)
class PublisherWords:
    """The table of publishers' words, compiled."""

    same: dict[str, str]
    dropped: frozenset[str]
    generic: frozenset[str]
    given: frozenset[str]
    body: frozenset[str]
    address: frozenset[str]
    unknown: frozenset[str]
    distributor: re.Pattern[str]
    lead: re.Pattern[str]
    part_of: re.Pattern[str]
    romanised: re.Pattern[str]
    suffix_han: re.Pattern[str]
    infix_han: re.Pattern[str]
    unknown_han: frozenset[str]
    marks: re.Pattern[str]


@cache
def publisher_words(rules: RuleSet) -> PublisherWords:
    """The table `publisher`, compiled."""
    rows = rules.terms["publisher"]

    def words(kind: str) -> tuple[str, ...]:
        """The words of a kind, the longest first."""
        found = {word for row in rows if row.kind == kind for word in (*row.entries, *row.more.get("also", ()))}
        return tuple(sorted(found, key=lambda word: (-len(word), word)))

    return PublisherWords(
        same={word: str(row.more["as"]) for row in rows if row.kind == "same" for word in row.entries},
        dropped=frozenset(words("dropped")),
        generic=frozenset(words("generic")),
        given=frozenset(words("given")),
        body=frozenset(words("body")),
        address=frozenset(words("address")),
        unknown=frozenset(words("unknown")),
        distributor=re.compile(rf"\b(?:{_any(words('distributor'))})\b"),
        lead=re.compile(rf"^(?:{_any(words('lead'))})\.?,?\s+(?:(?:and|&)\s+\w+\s+)?(?=(?:by|for|at|at the|in)\s)"),
        part_of=re.compile(rf",?\s+(?:{_any(words('part-of'))})\s+(?:the\s+)?"),
        romanised=re.compile(rf"\s*\b(?:{_any(words('romanised'))})$"),
        suffix_han=re.compile(rf"(?:{_any(words('suffix-han'))})$"),
        infix_han=re.compile(rf"(?<=..)(?:{_any(words('infix-han'))})(?=.{{2,3}}(?:分?公司)$)"),
        unknown_han=frozenset(words("unknown-han")),
        marks=re.compile(rf"[;:/]|\b(?:by|for|press of|at the|{_any(_telling_words(words))})\b"),
    )


def _telling_words(words: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """The longest word of each expression by which a statement may have to be cut."""
    kinds = ("distributor", "lead", "part-of")
    found = {max(entry.split(), key=len).strip(".") for kind in kinds for entry in words(kind)}
    return tuple(sorted(found, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Houses:
    """Aliases (key to key) and families (key to id), from `rules/publishers.toml`."""

    alias: dict[str, str]
    family: dict[str, str]


@cache
def houses(rules: RuleSet) -> Houses:
    """Aliases and families with their names brought to keys by the function that the records' names go through."""
    table = rules.tables["publishers"]
    alias: dict[str, str] = {}
    for row in table["alias"]:
        keys = [key for name in row["names"] for key in _plain_keys(name, rules)[:1]]
        first = row.get("key") or keys[0]
        alias.update(dict.fromkeys(keys, first))
    family = {
        alias.get(key, key): row["id"]
        for row in table["family"]
        for name in row["members"]
        for key in _plain_keys(name, rules)
    }
    return Houses(alias, family)


def publisher_keys(text: str, rules: RuleSet) -> tuple[str, ...]:
    """Keys of the publishers in one statement, in order, aliases resolved; empty when it names none.

    Several when a statement names several: `Belknap Press of Harvard University Press`, `Published for A by B`.
    """
    alias = houses(rules).alias
    return tuple(dict.fromkeys(alias.get(key, key) for key in _plain_keys(text, rules)))


def publisher_key(text: str, rules: RuleSet) -> str:
    """The first key of `publisher_keys`, or empty."""
    keys = publisher_keys(text, rules)
    return keys[0] if keys else ""


def publisher_family(key: str, rules: RuleSet) -> str:
    """Family id of a publisher key; empty when it stands alone."""
    return houses(rules).family.get(key, "")


def _plain_keys(text: str, rules: RuleSet) -> list[str]:
    if EAST_ASIAN.search(text):
        return _han_keys(text, rules)
    words = publisher_words(rules)
    lowered = text.lower().strip(_EDGES)
    if not _SIMPLE.fullmatch(lowered):
        lowered = _AND_OTHERS.sub(" ", _BRACKETS.sub(" ", lowered))
    lowered = _lowered(lowered)
    if lowered in words.unknown:
        return []
    if not words.marks.search(lowered):
        # Most statements are one name and need no cutting.
        return [key for key in _parts(lowered, words, rules) if key]
    keys: list[str] = []
    for clause in _CLAUSES.split(lowered):
        keys.extend(_clause_keys(clause.strip(), words, rules))
    return [key for key in dict.fromkeys(keys) if key]


def _clause_keys(clause: str, words: PublisherWords, rules: RuleSet) -> list[str]:
    """Keys in one clause, without statements of sale, except that the government's seller is its printer."""
    led = words.lead.match(clause)
    sale = words.distributor.search(clause, led.end() if led else 0)
    if sale:
        sold = clause[sale.start() :]
        keys = _names(clause[: sale.start()], words, rules) if sale.start() else []
        seller = [key for key in _names(_after_by(sold), words, rules) if key in _sellers(rules)]
        return [key for key in keys if key] + seller
    return _names(clause, words, rules)


def _after_by(text: str) -> str:
    return re.sub(r"^.*?\b(?:by|from)\s+", "", text, count=1)


@cache
def _sellers(rules: RuleSet) -> frozenset[str]:
    """Keys under which publishers that only sell are still named: the first alias row's names."""
    local = {row["key"] for row in rules.tables["publishers"]["local"]}
    rows = [row for row in rules.tables["publishers"]["alias"] if row.get("key") in local]
    words = publisher_words(rules)
    return frozenset(
        _name_key(part, words, rules) for row in rows for name in row["names"] for part in [_lowered(name)]
    )


def _lowered(name: str) -> str:
    """Lower case, with the short forms of two words that have points inside written out."""
    text = name.lower()
    if "u" in text:
        text = _UNIVERSITY_PRESS.sub("univ pr", _UNITED_STATES.sub("us", text))
    return text.strip(_EDGES)


def _names(clause: str, words: PublisherWords, rules: RuleSet) -> list[str]:
    """Cut a clause into names: for X by Y, X a division of Y, X press of Y, body, its part."""
    text = _AT_THE_SIGN.sub("", words.lead.sub("", clause.strip(_EDGES)))
    by = re.split(r"(?:^|\s)by\s+", text)
    ordered = [*by[1:], by[0]] if len(by) > 1 else by
    names: list[str] = []
    for part in ordered:
        for one in words.part_of.split(re.sub(r"^(?:for|at|in)\s+(?:the\s+)?", "", part.strip(_EDGES))):
            names.extend(_houses_of(one))
    keys: list[str] = []
    for name in names:
        if name.strip(_EDGES) not in words.unknown:
            keys.extend(_parts(name.strip(_EDGES), words, rules))
    return keys


def _houses_of(name: str) -> list[str]:
    """`Belknap Press of Harvard University Press` names two houses; `Press of X` one."""
    first, of, second = name.partition("press of ")
    if not of:
        return [name]
    if not first.strip():
        return [second]
    return [f"{first}press", second] if re.search(r"press|univ|college", second) else [name]


def _parts(name: str, words: PublisherWords, rules: RuleSet) -> list[str]:
    """A house's name may hold commas (`Otis, Broaders`); a body's parts are names of their own, an address is none."""
    parts = [part for part in (piece.strip() for piece in name.split(",")) if part]
    if len(parts) > 1 and parts[0] in rules.tables["publishers"]["places"]["cities"]:
        parts = parts[1:]
    cities = rules.tables["publishers"]["places"]["cities"]
    parts = [part for at, part in enumerate(parts) if at == 0 or not (_is_address(part, words) or part in cities)]
    if len(parts) > 1 and any(_is_body(part, words) for part in parts):
        whole = _name_key(" ".join(parts), words, rules)
        if whole in _sellers(rules):
            return [whole]
        return [_name_key(part, words, rules) for part in parts if _is_body(part, words) or part == parts[0]]
    return [_name_key(" ".join(parts), words, rules)]


def _is_address(part: str, words: PublisherWords) -> bool:
    tokens = _LETTERS.sub(" ", part).split()
    return any(token.isdigit() or token in words.address for token in tokens) or part.startswith("in ")


def _is_body(part: str, words: PublisherWords) -> bool:
    return any(words.same.get(token, token) in words.body for token in _LETTERS.sub(" ", part).split())


def _name_key(name: str, words: PublisherWords, rules: RuleSet) -> str:
    """Key of one name: words of one spelling, without legal form, first names and initials."""
    romanised = words.romanised.sub("", name)
    if romanised != name:
        return skeleton(romanised, rules)
    tokens = _tokens(name, words, rules)
    core = _core(tokens, words)
    if "univ" in core and "pr" in tokens:
        return " ".join([*sorted(token.strip("\0") for token in core if token not in ("univ", "pr", _AND)), "univ pr"])
    if not core:
        return " ".join(token for token in tokens if token != _AND)
    key = " ".join(token.strip("\0") for token in _surnames(core, words))
    return "" if key in words.body else key


def _core(tokens: list[str], words: PublisherWords) -> list[str]:
    """Words without the legal form and trade at either end."""
    first, last = 0, len(tokens)
    while last > first and (tokens[last - 1] in words.generic or tokens[last - 1] == _AND):
        last -= 1
    while first < last and (tokens[first] in words.generic or tokens[first] == _AND):
        first += 1
    return tokens[first:last]


def _surnames(core: list[str], words: PublisherWords) -> list[str]:
    """Words without first names and initials; the last word is a surname, and so is one joined to the last by `and`.

    `Eyre and Spottiswoode` are two surnames, `Robert and William Chambers` two first names.
    """
    paired = len(core) - 3 if core[-2:-1] == [_AND] else -1
    first_names = [token.startswith("\0") or (token in words.given and at != paired) for at, token in enumerate(core)]
    first_names[-1] = False
    return [token for token, first in zip(core, first_names, strict=True) if token != _AND and not first]


def _tokens(name: str, words: PublisherWords, rules: RuleSet) -> list[str]:
    """Words of a name without articles; initials in front of it joined and marked by a zero byte."""
    text = _APOSTROPHE.sub("", name) if "'" in name or "’" in name else name
    text = text.replace("&", f" {_AND} ")
    if not text.isascii():
        text = fold(text, rules)
    tokens: list[str] = []
    initials = ""
    for token in [*_LETTERS.sub(" ", text).split(), ""]:
        if len(token) == 1 and token.isalpha():
            initials += token
            continue
        if initials:
            # A single letter after a name may be a short word (`Clarendon P.`).
            tokens.append(words.same.get(initials, f"\0{initials}") if tokens else f"\0{initials}")
            initials = ""
        token = words.same.get(token, token)
        if token == _AND or (token and token not in words.dropped):
            tokens.append(token)
    return [token.strip("\0") if token.strip("\0") in words.generic else token for token in tokens]


def _han_keys(text: str, rules: RuleSet) -> list[str]:
    """Keys of Chinese names: brackets dropped, generic words cut off the end as long as two characters remain."""
    words = publisher_words(rules)
    keys: list[str] = []
    for name in _HAN_CUT.split(
        _HAN_BRACKETS.sub(" ", text) if not text.strip().startswith("[") else text.strip(_EDGES)
    ):
        whole = skeleton(name.strip(_EDGES), rules)
        if not whole or whole in words.unknown_han:
            continue
        key = words.infix_han.sub("", whole)
        while (cut := words.suffix_han.sub("", key)) != key and len(cut) > 1:
            key = cut
        keys.append(key)
    return keys
