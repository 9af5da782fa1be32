"""Names and roles in statements in Han characters, kana or Hangul, where role words adjoin the name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dedup.normalise.person import EAST_ASIAN, NameWords, corporate_key, han_key, name_words, person_key
from dedup.normalise.text import skeleton
from dedup.rules import RuleSet

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0x3014: "[", 0x3015: "]", 0x3010: "[", 0x3011: "]", 0x300C: "", 0x300D: "",
    ord("、"): ",", ord("﹐"): ",", ord("。"): " ", ord("〈"): "(", ord("〉"): ")", ord("{"): "(", ord("}"): ")",
    ord("<"): "(", ord(">"): ")", ord("﹝"): "[", ord("﹞"): "]",
}  # fmt: skip
_CLAUSES = re.compile(r"[;/]|\s=\s|\$[a-z]")
_BETWEEN_HAN = re.compile(
    "(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af)\\]])\\s+(?=[(\\[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
)
_BRACKETS = re.compile(r"([(\[])([^()\[\]]*)[)\]]?")
_ONE = 1


@dataclass(frozen=True, slots=True)
class _HanRoles:
    """Role words before or after a name, longest first, and their kinds; et al. at the end of a name."""

    kinds: dict[str, str]
    after: re.Pattern[str]
    after_weak: re.Pattern[str]
    before: re.Pattern[str]
    et_al: re.Pattern[str]
    body_end: re.Pattern[str]
    names: NameWords


@cache
def _han_roles(rules: RuleSet) -> _HanRoles:
    rows = [row for row in rules.terms["role"] if row.more["script"] == "han"]
    kinds = {word: row.kind for row in rows for word in row.entries if row.kind != "et-al"}
    kinds |= {skeleton(word, rules): kind for word, kind in kinds.items()}
    weak = {word for row in rows if row.more.get("weak") for word in row.entries}
    longest = sorted(kinds, key=len, reverse=True)
    et_al = "|".join(re.escape(word) for row in rows if row.kind == "et-al" for word in row.entries)
    strong = "|".join(re.escape(word) for word in longest if word not in weak)
    return _HanRoles(
        kinds=kinds,
        after=re.compile(f"(?:{strong})$"),
        after_weak=re.compile(f"(?:{'|'.join(map(re.escape, sorted(weak, key=len, reverse=True)))})$"),
        before=re.compile(f"^(?:{'|'.join(re.escape(word) for word in longest if len(word) > 1)})[:\\s]*(?=..)"),
        et_al=re.compile(f"(?:{et_al}|\\.\\.+|…)+$"),
        body_end=re.compile(f"(?:{'|'.join(map(re.escape, rules.entries('person', 'body-han')))})$"),
        names=name_words(rules),
    )


def read_han(statement: str, rules: RuleSet) -> dict[str, list[str]]:
    """Keys found in a statement, by kind: author, editor, translator, other, corporate."""
    roles = _han_roles(rules)
    found: dict[str, list[str]] = {}
    text = statement.translate(_WIDE)
    if text.startswith("[") and text.endswith("]") and text.count("[") == _ONE:
        text = text[1:-1]
    text = _BRACKETS.sub(lambda found_: _bracket(found_[1], found_[2].strip(), roles), text)
    for clause in _CLAUSES.split(text):
        if clause.strip():
            _clause(clause, roles, found, rules)
    return found


def _bracket(sign: str, content: str, roles: _HanRoles) -> str:
    """What remains of brackets: role words and supplied names; nationality, dynasty, other forms of a name go."""
    plain = content.strip(".… ")
    if plain in roles.names.nationalities or plain.removesuffix("国") in roles.names.nationalities:
        return ""
    if plain in roles.kinds or roles.et_al.search(content):
        return plain
    return content if sign == "[" and EAST_ASIAN.search(content) else ""


def _clause(clause: str, roles: _HanRoles, found: dict[str, list[str]], rules: RuleSet) -> None:
    """One clause: names wait for a role word behind them; a role word before them rules the rest of the clause."""
    waiting: list[str] = []
    leading = ""
    for piece in _pieces(clause, roles):
        text = piece
        if match := roles.before.match(text):
            _file(waiting, leading or "author", found, rules)
            waiting, leading = [], roles.kinds[match[0].strip(" :")]
            text = text[match.end() :].strip()
        name, trailing = _trailing(text, roles)
        if name:
            waiting.append(name)
        if trailing:
            _file(waiting, trailing, found, rules)
            waiting, leading = [], ""
    _file(waiting, leading or "author", found, rules)


def _pieces(clause: str, roles: _HanRoles) -> list[str]:
    """Names of a clause with the role words on them: cut at commas, and at spaces between Han characters."""
    pieces: list[str] = []
    for part in re.split("[,，]", clause):
        words = [word.strip(" .:：…") for word in _BETWEEN_HAN.split(part.strip())]
        for word in filter(None, words):
            alone = bool(pieces) and len(pieces[-1]) == _ONE and EAST_ASIAN.match(pieces[-1]) is not None
            # 李 白: a name of two characters spread by a space.
            if alone and len(_trailing(word, roles)[0]) == _ONE:
                pieces[-1] += word
            elif word not in roles.names.nationalities or len(words) == _ONE:
                pieces.append(word)
    return pieces


def _trailing(text: str, roles: _HanRoles) -> tuple[str, str]:
    """A name without the role words behind it, and the kind of the first of them."""
    kind = ""
    name = text
    for _ in range(3):
        cut = roles.et_al.sub("", name).strip(" .…")
        if cut[-1:] in roles.kinds and roles.body_end.search(cut[:-1]):
            # 编写组编: the body's own word comes before a longer role word (组编).
            return cut[:-1], kind or roles.kinds[cut[-1:]]
        if match := roles.after.search(cut):
            kind = roles.kinds[match[0]]
            cut = cut[: match.start()].strip()
        elif not kind and len(cut) > 3 and (match := roles.after_weak.search(cut)):
            kind = roles.kinds[match[0]]
            cut = cut[: match.start()]
        if cut == name:
            break
        # A whole corporate name ends here: 编译局, 课题组 and the like keep their own words.
        name = cut
        if roles.names.han_body.search(name):
            name = roles.et_al.sub("", name)
            break
    return name, kind


def _file(names: list[str], kind: str, found: dict[str, list[str]], rules: RuleSet) -> None:
    """File names under a kind, bodies under `corporate`."""
    bodies = name_words(rules).han_body
    for name in names:
        if not EAST_ASIAN.search(name):
            place, key = kind, person_key(name.split(), rules)
        elif bodies.search(name):
            place, key = "corporate", corporate_key(name, rules)
        else:
            place, key = kind, han_key(name, rules)
        kept = found.setdefault(place, [])
        if key and key not in kept:
            kept.append(key)


@dataclass(frozen=True, slots=True)
class HanTails:
    """What the first and last characters of a name tell, for reading whole columns (`han_column`).

    `kinds`: kinds of roles by number. `bodies`: RE2 pattern of statements with a body in them. `strong`: role words and
    their kinds; `weak`: those that may be part of a name; `odd`: et al., and what longer words end in; `heads`: what
    role words begin with: all of one or two characters. `body_ends`: last characters of bodies.
    """

    kinds: tuple[str, ...]
    bodies: str
    strong: dict[str, int]
    weak: frozenset[str]
    odd: frozenset[str]
    heads: frozenset[str]
    body_ends: frozenset[str]


@cache
def han_tails(rules: RuleSet) -> HanTails:
    """Role words and bodies, compiled for columns."""
    roles = _han_roles(rules)
    rows = [row for row in rules.terms["role"] if row.more["script"] == "han"]
    others = {word for row in rows if row.kind == "et-al" for word in row.entries}
    weak = {word for row in rows if row.more.get("weak") for word in row.entries}
    kinds = ("author", *sorted({*roles.kinds.values()} - {"author"}))
    strong = {word: kinds.index(kind) for word, kind in roles.kinds.items() if word not in weak}
    longer = {word[-2:] for word in (*roles.kinds, *others) if len(word) > 2}
    return HanTails(
        kinds=kinds,
        bodies="|".join(map(re.escape, rules.entries("person", "body-han"))),
        strong={word: kind for word, kind in strong.items() if len(word) <= 2},
        weak=frozenset(word for word in weak if len(word) <= 2),
        odd=frozenset(longer | {word for word in others if len(word) <= 2}),
        heads=frozenset(word[:2] for word in roles.kinds if len(word) > 1),
        body_ends=frozenset(sign for word in rules.entries("person", "body-han-end") for sign in word),
    )
