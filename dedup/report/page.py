"""Pages for the browser: one for each library, one for the centre. One file each, with all that it needs inside.

Texts are escaped by the template engine; the page's own policy (Content-Security-Policy) lets nothing run but the one
script whose hash it names, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from jinja2.filters import do_forceescape, do_mark_safe

from dedup.errors import InputError, refused
from dedup.report.model import Package
from dedup.report.page_centre import overview
from dedup.report.page_marc import Reader, with_marc
from dedup.report.page_view import Card, Group, Named, Section, facets, groups, sections
from dedup.report.page_words import PageWords, read_bands, read_words
from dedup.report.statistics import Statistics
from dedup.rulebook import Words
from dedup.rules import RuleSet

_FOLDER = "templates"
# Labels and names stand on a page many times over, what is said of one record stands there once.
_SAID_AGAIN = 1_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """One of the pages of a library: its file, its groups, and the number of the first of them, from 1."""

    file: str
    groups: Sequence[Group]
    first: int

    @property
    def last(self) -> int:
        """The number of the last of its groups."""
        return self.first + len(self.groups) - 1


def write_page(
    package: Package, path: Path, rules: RuleSet, period: str, lang: str, fields: Reader | None = None
) -> None:
    """Write a library's page, or pages: those behind the first are named `STEM-2`, `STEM-3`... beside it.

    `lang`: zh, en, or both (one of them shown, the other a key away). `fields` reads records from their source files:
    with it the MARC fields that differ are shown, too. Raises InputError when a file cannot be written.
    """
    words = read_words(rules)
    every = groups(package, words)
    leaves = [
        Leaf(f"{path.stem}-{place}{path.suffix}" if place > 1 else path.name, every[at : at + words.on_a_page], at + 1)
        for place, at in enumerate(range(0, max(len(every), 1), words.on_a_page), 1)
    ]
    shared = {
        "library": package.library,
        "period": period,
        "leaves": leaves,
        "groups": len(every),
        "records": sum(len(lines) for _, lines in every),
    }
    for place, leaf in enumerate(leaves, 1):
        lists = sections(leaf.groups, words, leaf.first)
        if fields is not None:
            lists = with_marc(lists, fields, words)
        title = f"{package.library} {period}" + (f" · {place}/{len(leaves)}" if len(leaves) > 1 else "")
        shown = {"leaf": leaf, "sections": lists, "facets": facets(lists, words), "legend": _legend(lists)}
        _write("library.html", path.with_name(leaf.file), words, lang, _titled(words, "title", title) | shared | shown)


def write_centre(numbers: Statistics, path: Path, rules: RuleSet, lang: str) -> None:
    """Write the centre's page, with links to the pages of libraries below its folder. `lang` as for `write_page`.

    Raises InputError when the file cannot be written.
    """
    words = read_words(rules)
    bands = read_bands(rules.tables["report"], "band", f"{rules.root / 'report.toml'}")
    values = {"numbers": numbers, "overview": overview(numbers, words, bands), "bands": bands}
    _write("centre.html", path, words, lang, _titled(words, "title_centre", numbers.period) | values)


def _titled(words: PageWords, label: str, rest: str) -> dict[str, Any]:
    return {"title": Words(*(f"{words.labels[label].of(language)} {rest}".strip() for language in ("zh", "en")))}


def _legend(lists: tuple[Section, ...]) -> list[Named]:
    """Every verdict, cause and flag that the page names, once, with what it means."""
    found = {one.id: one for section in lists for card in section.cards for one in _named(card) if one.means}
    return sorted(found.values(), key=lambda one: (one.id[1:].isdigit(), one.id))


def _named(card: Card) -> list[Named]:
    return [card.verdict, *([card.cause] if card.cause else []), *card.secondary, *card.flags]


def _write(template: str, path: Path, words: PageWords, lang: str, values: dict[str, Any]) -> None:
    style, script = asset("page.css"), asset("page.js")
    page = environment(lang).get_template(template)
    frame = {"lang": lang, "label": SimpleNamespace(**words.labels), "style": style, "script": script}
    frame |= {"style_hash": content_hash(style), "script_hash": content_hash(script)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(page.generate(**frame, **values))
    except OSError as error:
        raise InputError(refused(error, str(path), "a folder to write to", "name another --out")) from error


def _teller(lang: str) -> Callable[[Words], str]:
    """How a page says words: in its language, or in both with the other one hidden."""

    @lru_cache(_SAID_AGAIN)
    def said(words: Words) -> str:
        """Words as part of a page."""
        if lang != "both" or words.zh == words.en:
            return do_forceescape(words.of(lang))
        zh, en = do_forceescape(words.zh), do_forceescape(words.en)
        return do_mark_safe(f'<span lang="zh">{zh}</span><span lang="en">{en}</span>')

    return said


@cache
def environment(lang: str) -> Environment:
    """The template engine: everything that is put in is escaped, and a name that is not given is an error.

    Its filter `said` puts words in, in the language of the page.
    """
    made = Environment(
        loader=FunctionLoader(asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["said"] = _teller(lang)
    return made


@cache
def asset(name: str) -> str:
    """A template, the style sheet or the script, as they stand in the package."""
    return resources.files("dedup.report").joinpath(_FOLDER, name).read_text(encoding="utf-8")


def content_hash(text: str) -> str:
    """How a page's policy names a script or style that it allows: `sha256-` and the hash in base64 (CSP level 2)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
