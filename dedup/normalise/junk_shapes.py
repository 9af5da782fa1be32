"""What stands instead of a title: a number of the record (J07), text with codes in it (J08); items for a while (J09).

Source: domain facts 4.2; lists and examples stand in `rules/junk.toml` and `rules/terms/item_type.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from dedup.model import Format
from dedup.normalise.isbn import parse_isbn
from dedup.rules import RuleSet

_KEPT = re.compile(r"[\W_]+")
_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_END = re.compile(r"[\s:;=/,]+$")
_TYPE = "(?i)(?:^|[^\\w]|_){words}(?:$|[^\\w]|_)"


def number_title(title: str, numbers: Mapping[str, Iterable[str]], rules: RuleSet) -> bool:
    """Whether a title is nothing but a number of its record (J07).

    `numbers`: the record's `isbn_text`, `barcodes`, `call_numbers`. An ISBN needs a right check digit, or must stand
    in the record; all need figures, for a call number may be a word (`FIC`).
    """
    bare = _bare(title)
    if sum(sign.isdigit() for sign in bare) < rules.tables["junk"]["number"]["fewest_digits"]:
        return False
    found = parse_isbn(title, rules)
    if len(found) == 1 and found[0].valid and _bare(re.sub(r"(?i)isbn(?:[ -]?1[03](?!\d))?", "", title)).isalnum():
        digits = re.sub(r"(?i)isbn(?:[ -]?1[03](?!\d))?|[^0-9Xx]", "", title)
        if len(digits) in (10, 13) and len(bare) - len(digits) <= 6:
            return True
    return any(bare == _bare(number) for values in numbers.values() for number in values if number)


def _bare(text: str) -> str:
    return _KEPT.sub("", text).casefold()


@cache
def _codes(rules: RuleSet, kind: Format) -> tuple[re.Pattern[str], ...]:
    """Patterns of a code in a title: beside Han characters, behind a mark of ISBD, at the very beginning."""
    table = rules.tables["junk"]["codes"]
    mark, code = f"[{re.escape(table['signs'])}]", f"[{table[kind.name.lower()]}]"
    isbd = f"[{re.escape(table['isbd'])}]"
    return (
        re.compile(rf"(?<={_HAN}){mark}{code}(?={_HAN})|(?<={_HAN})[ ]?{isbd}[ ]?{mark}{code}(?=[ ]?{_HAN})"),
        re.compile(
            rf"(?<=[\w\W])[ ]?{isbd}(?:[ ]?{mark}{code}(?=[ ]?(?:[A-Z]|{_HAN}))|{mark}{code}(?=[ ]?[a-z]{{2}}))"
        ),
        re.compile(rf"^[ ]?{mark}a[ ]?(?=[A-Z]|{_HAN})"),
    )


@cache
def _halves(rules: RuleSet) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A sign between Han characters that may be the half of one."""
    signs = re.escape(rules.tables["junk"]["codes"]["halves"])
    return re.compile(rf"({_HAN})([{signs}])(?={_HAN})"), re.compile(rf"{_HAN}\\(?={_HAN})")


def without_codes(title: str, kind: Format, rules: RuleSet) -> str | None:
    """The title proper of a text with codes of subfields in it (J08); '' where it cannot be told, None for no codes.

    Codes are told from honest `$`, `|` and `@` by what stands around them: Han characters, the marks of ISBD, or the
    beginning of the title.
    """
    joined, marked, begun = _codes(rules, kind)
    found = begun.search(title)
    rest = title[found.end() :] if found else title
    ends = [match.start() for pattern in (joined, marked) for match in pattern.finditer(rest)]
    if found or ends:
        return _END.sub("", rest[: min(ends, default=len(rest))]).strip()
    return _without_halves(title, rules)


def _without_halves(title: str, rules: RuleSet) -> str | None:
    """The title without signs that are left over from the second byte of a character."""
    any_half, backslash = _halves(rules)
    if not any_half.search(title):
        return None

    def whole(found: re.Match[str]) -> str:
        """The character without the sign, if the sign is its second byte."""
        return found[1] if _is_half(found[1], found[2]) else found[0]

    mended = any_half.sub(whole, title)
    if mended != title:
        return mended
    return "" if backslash.search(title) else None


def _is_half(character: str, sign: str) -> bool:
    """Whether a sign is the second byte of a character in Big5 or GBK: a backslash of 許 功 蓋, a bar of 育."""
    for encoding in ("big5", "gbk"):
        try:
            if character.encode(encoding)[1:] == sign.encode():
                return True
        except UnicodeEncodeError:
            continue
    return False


@cache
def temporary_types(rules: RuleSet) -> str:
    """A pattern of item types that are only there for a while."""
    words = rules.entries("item_type", "temporary")
    return _TYPE.format(words="(?:" + "|".join(map(re.escape, words)).replace(r"\ ", " ").replace(r"\-", "-") + ")")


def temporary_item(holdings: str, rules: RuleSet) -> bool:
    """Whether an item of a record (field text, see `dedup.tables`) is of a type that is only there for a while."""
    kinds = rules.tables["junk"]["item_type"]
    pattern = re.compile(temporary_types(rules))
    for field in holdings.split("\x1e"):
        codes = kinds.get(field[:3], "")
        if any(part[:1] and part[0] in codes and pattern.search(part[1:].strip()) for part in field.split("\x1f")[1:]):
            return True
    return False
