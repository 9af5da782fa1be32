"""Split a statement of responsibility into names by the roles that its words give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from dedup.normalise.han_statement import read_han
from dedup.normalise.person import (
    EAST_ASIAN,
    NameWords,
    corporate_key,
    family_first_key,
    heading_key,
    name_words,
    person_key,
    plainly_written,
)
from dedup.rules import RuleSet

_MARKS = str.maketrans(
    {",": " , ", ";": " ; ", "&": " , ", "/": " , ", "[": " ", "]": " ", "(": " ( ", ")": " ) ", "=": " ; "}
)
_ENDS = ".,:;'\"“”‘’?*"
_INITIAL = 2
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)+")
# A heading typed as the statement: what ends in an initial behind a comma is no name of its own.
_INVERTED = r"([^\W\d_][\w'’-]+), ((?:[^\W\d_][\w'’-]*\.? )*[^\W\d_]\.)"
_ONE_INVERTED = re.compile(_INVERTED)
_ALL_INVERTED = re.compile(rf"(?:[Bb]y )?{_INVERTED}(?:(?:[,;]|,? and|,? &) {_INVERTED})*[. ]*")


@dataclass(frozen=True, slots=True)
class NameKeys:
    """Keys of the names in one statement by what the persons did; `corporate` whatever the bodies did."""

    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    corporate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Roles:
    """Role words of alphabets and the shapes of `rules/responsibility.toml`."""

    kinds: dict[str, str]
    ordered: dict[str, str]
    et_al: re.Pattern[str]
    aside: re.Pattern[str]
    et_al_marks: tuple[str, ...]
    one_name: re.Pattern[str]
    told: frozenset[str]
    connectors: frozenset[str]
    lead_in: frozenset[str]
    strength: dict[str, int]
    longest: int
    names: NameWords


@cache
def _roles(rules: RuleSet) -> _Roles:
    rows = rules.terms["role"]
    table = rules.tables["responsibility"]
    et_al = [word for row in rows if row.kind == "et-al" and row.more["script"] == "latin" for word in row.entries]
    named = "|".join(map(re.escape, et_al))
    kinds = {
        word: row.kind for row in rows if row.more["script"] == "latin" and row.kind != "et-al" for word in row.entries
    }
    lead = "|".join(re.escape(form) for word, kind in kinds.items() if kind == "by" for form in (word, word.title()))
    names = name_words(rules)
    return _Roles(
        kinds=kinds,
        ordered={word: row.kind for row in rows if row.more["script"] == "family-first" for word in row.entries},
        et_al=re.compile(rf"\.( ?)\.\1\.|…|\b(?:{named})(?!\w)\.?|{table['others']}", re.IGNORECASE),
        aside=re.compile(table["aside"]),
        et_al_marks=tuple(table["others_marks"]) + tuple(word for word in et_al),
        one_name=re.compile(rf"(?:\[?(?:{lead})\]? )?((?:[A-Z][A-Za-z'-]*\.? ){{1,4}}[A-Z][A-Za-z'-]{{2,}})\.? ?"),
        told=frozenset(kinds) | names.bodies | names.weak_bodies | names.suffixes | names.titles,
        connectors=frozenset(table["connectors"]),
        lead_in=frozenset(table["lead_in"]),
        strength=table["strength"],
        longest=table["longest_name"],
        names=names,
    )


@dataclass(frozen=True, slots=True)
class ToldWords:
    """Words of statements for reading whole columns (`name_column`): those that may mean something else than a part of
    a name, those before a name (`by`), those between names (`and`), pieces of text where names are left out.
    """

    words: frozenset[str]
    leads: tuple[str, ...]
    connectors: tuple[str, ...]
    marks: tuple[str, ...]


def told_words(rules: RuleSet) -> ToldWords:
    """The words of `ToldWords`, from the compiled tables."""
    roles = _roles(rules)
    return ToldWords(
        words=roles.told | frozenset(word.lower() for word in roles.ordered),
        leads=tuple(word for word, kind in roles.kinds.items() if kind == "by" and word.isascii() and word.isalpha()),
        connectors=tuple(word for word in roles.connectors if word.isascii() and word.isalpha()),
        marks=roles.et_al_marks,
    )


@dataclass(slots=True)
class _Reader:
    """A statement being read: the role in force, the name begun, the names found.

    `fresh`: the role was named and no name has followed it yet. `clause`: names found since the last semicolon.
    """

    rules: RuleSet
    roles: _Roles
    role: str = "author"
    fresh: bool = False
    words: list[str] = field(default_factory=list)
    broken: bool = False
    body: bool = False
    clause: list[str] = field(default_factory=list)
    found: dict[str, list[str]] = field(default_factory=dict)

    def close(self, bodies_only: bool = False) -> None:
        """End the name begun and file it under the role in force, unless ordinary words stand in it."""
        words, broken, body = self.words, self.broken, self.body
        if not words:
            return
        self.words, self.broken, self.body = [], False, False
        if body and (words[0][0].isupper() or not words[0][0].isalpha()):
            self.file("corporate", corporate_key(" ".join(words), self.rules))
        elif not (broken or body or bodies_only or len(words) > self.roles.longest or _numbered(words)):
            key = person_key(words, self.rules)
            self.file(self.role, key)
            if key:
                self.clause.append(key)
                self.fresh = False

    def file(self, kind: str, key: str) -> None:
        """Add a key once."""
        kept = self.found.setdefault(kind, [])
        if key and key not in kept:
            kept.append(key)

    def name_role(self, kind: str, trailing: bool) -> None:
        """A role word, which rules the names that follow; a trailing one (`Orhan, editor`) those before it."""
        if kind == "by":
            self.close(bodies_only=self.fresh)
            self.role = self.role if self.fresh else "author"
            self.fresh = True
            return
        empty = not self.words
        if len(self.words) == 1 and not self.body and self.words[0][-1] != ".":
            # One word right before a role word describes it: "English translation by".
            self.words, self.broken = [], False
        self.close()
        if trailing and empty and self.clause and not self.fresh and self.role == "author" and kind != "author":
            moved = self.found["author"]
            self.found["author"] = [key for key in moved if key not in self.clause]
            for key in self.clause:
                self.file(kind, key)
            self.clause = []
            return
        stronger = self.roles.strength[kind] > self.roles.strength[self.role]
        self.role = kind if stronger or not self.fresh else self.role
        self.fresh = True

    def next_clause(self) -> None:
        """A semicolon: the next names are authors again unless a role word says otherwise."""
        self.close()
        self.role, self.fresh, self.clause = "author", False, []


def _read(words: list[str], reader: _Reader) -> None:
    """Feed the words of a statement to the reader."""
    roles = reader.roles
    inside, start, before = False, True, ""
    for word, after in zip(words, [*words[1:], ";"], strict=False):
        if inside or word == "(":
            inside = word != ")"
            continue
        if word == ";":
            reader.next_clause()
        elif word == ",":
            reader.close()
        else:
            _read_word(word, start, before == "," and after in ",;", reader)
        start = word[-1] in ".,;" or word in roles.connectors
        before = word
    reader.close()


def _read_word(word: str, start: bool, trailing: bool, reader: _Reader) -> None:
    """One word: a role word, a connector, a part of a name, or an ordinary word that shows no name stands here."""
    roles = reader.roles
    plain = word.lower().strip(_ENDS)
    lower = word[0].islower()
    if lower and plain in roles.connectors:
        if reader.body:
            reader.words.append(word)
        else:
            reader.close()
        return
    kind = roles.kinds.get(plain) if lower or start else None
    if kind == "by" and plain != "by" and (reader.words or not (start or reader.fresh)):
        kind = None
    if kind:
        reader.name_role(kind, trailing)
    elif plain and not (not reader.words and lower and plain in roles.lead_in):
        _part_of_name(word, plain, lower, reader)


def _part_of_name(word: str, plain: str, lower: bool, reader: _Reader) -> None:
    names = reader.roles.names
    if lower and not (plain in names.particles or plain in names.titles or "'" in word[:2]):
        reader.broken = True
    if plain in names.bodies or (plain in names.weak_bodies and _plural_words(reader.words)):
        reader.body = True
    reader.words.append(word)
    ended = word[-1] == "." and len(plain) > _INITIAL and plain not in names.titles and plain not in names.suffixes
    if ended and not _INITIALS.fullmatch(word) and len(reader.words) > 1 and not reader.body:
        reader.close()


def _numbered(words: list[str]) -> bool:
    """Whether a number stands among the words: a date or an address, no name."""
    return any(sign.isdigit() for word in words for sign in word)


def _plural_words(words: list[str]) -> bool:
    """Words before a weak corporate word (`House`, `Church`): at least two, and no initials, which mark a person."""
    return len(words) > 1 and all(len(word.rstrip(".")) > 1 for word in words)


def _family_first(statement: str, rules: RuleSet) -> NameKeys | None:
    """A romanised statement whose clauses end in role words (`Qian Zhongshu zhu`); None when it is not one."""
    ordered = _roles(rules).ordered
    found: dict[str, list[str]] = {}
    for clause in statement.strip("[]. ").split(";"):
        words = clause.strip("[]. ").split()
        kind = ""
        for length in (2, 1):
            if len(words) > length and (kind := ordered.get(" ".join(words[-length:]).lower(), "")):
                words = words[:-length]
                break
        if not kind:
            return None
        for name in " ".join(words).strip("[] ").split(","):
            if key := family_first_key(name.strip("[] ").split() or [""], rules):
                found.setdefault(kind, []).append(key)
    return _keys(found)


def _keys(found: dict[str, list[str]]) -> NameKeys:
    authors = dict.fromkeys([*found.get("author", ()), *found.get("editor", ())])
    return NameKeys(
        tuple(authors),
        tuple(found.get("translator", ())),
        tuple(found.get("other", ())),
        tuple(found.get("corporate", ())),
    )


def _plain_words(words: list[str]) -> set[str]:
    return {word.lower().strip(_ENDS) for word in words}


def _one_name(words: list[str], roles: _Roles, rules: RuleSet) -> str:
    """Key of a statement that is one name and nothing else, which most are; empty when a word has another meaning."""
    return "" if _plain_words(words) & roles.told or words[-1] in roles.ordered else person_key(words, rules)


def name_keys(statement: str, rules: RuleSet) -> NameKeys:
    """The names in one statement of responsibility as keys (see `dedup.normalise.person`), each kind in order.

    Editors count as authors. Any text gives a result; a statement without names gives empty tuples.
    """
    statement = plainly_written(statement, rules)
    if not statement.isascii() and EAST_ASIAN.search(statement):
        return _keys(read_han(statement, rules))
    roles = _roles(rules)
    if (alone := roles.one_name.fullmatch(statement)) and (key := _one_name(alone[1].split(), roles, rules)):
        return NameKeys((key,))
    if _ALL_INVERTED.fullmatch(statement) and not _plain_words(statement.split()[1:]) & roles.told:
        names = [f"{surname}, {given}" for surname, given in _ONE_INVERTED.findall(statement)]
        return NameKeys(tuple(dict.fromkeys(filter(None, (heading_key(name, rules) for name in names)))))
    tail = statement.rstrip("]. ").rpartition(" ")[2]
    if tail in roles.ordered and (keys := _family_first(statement, rules)):
        return keys
    reader = _Reader(rules, roles)
    shortened = any(mark in statement for mark in roles.et_al_marks)
    text = roles.aside.sub(" ; ", statement) if "[" in statement else statement
    text = roles.et_al.sub(" ; ", text) if shortened else text
    _read(text.translate(_MARKS).split(), reader)
    return _keys(reader.found)
