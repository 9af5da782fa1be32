"""The title columns of CONCEPT (see `dedup.tables`) for a batch of raw records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.alternatives import Names, alternatives, filled, joined, linked_titles, variant_names
from dedup.normalise.arrow import (
    EMPTY,
    beginning,
    glued,
    holding,
    lengths,
    matches,
    matching,
    scattered,
    text,
    text_or_empty,
)
from dedup.normalise.batch import RawBatch
from dedup.normalise.text import bare_column, fold_column, skeleton_column
from dedup.normalise.title_core import Cores, title_cores
from dedup.normalise.title_fields import TitleFields, title_fields, title_rule
from dedup.normalise.title_numbers import scanned, years_and_numbers
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Folded:
    """Folded columns of the title field."""

    title: pa.StringArray
    subtitle: pa.StringArray
    number: pa.StringArray
    name: pa.StringArray


def title_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """Columns title, title_key, subtitle, title_years, title_numbers, alternatives, pinyin, script,
    responsibility, display_title and display_responsibility of CONCEPT, one value per record, none of them null.
    """
    fields = title_fields(batch, rules)
    folded = _Folded(
        title=without_article(fold_column(fields.proper, rules), rules),
        subtitle=fold_column(fields.other, rules),
        number=fold_column(fields.number, rules),
        name=fold_column(fields.name, rules),
    )
    whole = bare_column(folded.title)
    cores = title_cores(fields.proper, folded.title, whole, rules)
    years, numbers = _numbers(fields, folded, cores, rules)
    linked, in_han = linked_titles(batch, rules)
    names = [linked, *_own_names(fields, folded, (cores, whole), rules), variant_names(batch, rules)]
    script = _scripts(folded.title, rules)
    # For `normalise.junk`, which looks at titles when all other columns are made.
    batch.derived("title as typed", lambda: (fields.proper, skeleton_of_typed(fields.proper, whole, rules)))
    return {
        "title": folded.title,
        "title_key": cores.key,
        "subtitle": folded.subtitle,
        "title_years": years,
        "title_numbers": numbers,
        "alternatives": alternatives(cores.key, names, rules),
        "pinyin": _pinyin(batch, fields, (whole, in_han, _is(script, "latin")), rules),
        "script": script,
        "responsibility": fold_column(fields.responsibility, rules),
        "display_title": fields.shown,
        "display_responsibility": fields.responsibility,
    }


@cache
def _article_pattern(rules: RuleSet, key: str) -> str:
    return "^(?:" + "|".join(rules.tables["text"]["title"][key]) + ") "


def without_article(folded: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    """Drop the initial articles that are never anything else, counted by an indicator or not (`always`)."""
    pattern = "(?i)" + _article_pattern(rules, "always")
    begins = matching(folded, pattern, _may_begin(folded, rules))
    if not begins.any():
        return folded
    mask = pa.array(begins)
    return pc.replace_with_mask(folded, mask, pc.replace_substring_regex(folded.filter(mask), pattern, ""))


def _may_begin(titles: pa.StringArray, rules: RuleSet) -> Mask:
    """Mask of the titles whose first letter is that of an article which always goes."""
    return beginning(titles, "".join(word[0] for word in rules.tables["text"]["title"]["always"]))


def skeleton_of_typed(typed: pa.StringArray, whole: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    """Skeletons of titles as typed; `whole` are those without initial article, equal for all but a few."""
    begins = matching(typed, "(?i)" + _article_pattern(rules, "always"), _may_begin(typed, rules))
    if not begins.any():
        return whole
    mask = pa.array(begins)
    return pc.replace_with_mask(whole, mask, skeleton_column(typed.filter(mask), rules))


def _numbers(fields: TitleFields, folded: _Folded, cores: Cores, rules: RuleSet) -> tuple[pa.ListArray, pa.StringArray]:
    apostrophes = rules.tables["text"]["years"]["apostrophes"]
    typed = [cores.typed, fields.other, fields.number, fields.name]
    shortened = [fields.marked, *(holding(column, apostrophes) for column in typed[1:])]
    full = list(zip(typed, [cores.folded, folded.subtitle, folded.number, folded.name], shortened, strict=True))
    titles, parts = scanned(full[:2], rules), scanned(full[2:], rules)
    return years_and_numbers(titles, glued(parts, cores.designation, separator=" | "), rules)


def _own_names(
    fields: TitleFields, folded: _Folded, titles: tuple[Cores, pa.StringArray], rules: RuleSet
) -> list[Names]:
    """Names made of the record's own title field, most telling first."""
    cores, whole = titles
    number, name = bare_column(folded.number), bare_column(folded.name)
    article = np.flatnonzero(np.asarray(pc.match_substring_regex(folded.title, _article_pattern(rules, "articles"))))
    shorter = folded.title.take(pa.array(article))
    shorter = pc.replace_substring_regex(shorter, _article_pattern(rules, "articles"), "")
    numbered = joined(cores.key, number)
    named = joined(number.take(pa.array(numbered.row)), name.take(pa.array(numbered.row)))
    return [
        joined(cores.key, name),
        numbered,
        Names(
            numbered.row[named.row],
            glued(cores.key.take(pa.array(numbered.row[named.row])), named.text),
        ),
        filled(whole),
        _below_series(whole, name, rules),
        filled(skeleton_column(fields.parallel, rules)),
        Names(fields.further_rows, skeleton_column(fields.further, rules)),
        Names(article, bare_column(shorter)),
        _without_elision(fields.proper, fields.marked, rules),
        _before_mark(fields.proper, fields.marked, rules),
        joined(cores.key, bare_column(folded.subtitle)),
        _without_year(cores.key, rules),
    ]


def _without_year(key: pa.StringArray, rules: RuleSet) -> Names:
    """The title of a yearbook or annual report without its year: that of the serial (P24)."""
    settings = rules.tables["text"]["title"]
    at = np.flatnonzero(matches(key, settings["year_at_an_end"]))
    rest = pc.replace_substring_regex(key.take(pa.array(at)), settings["year_at_an_end"], "")
    long = np.asarray(pc.greater_equal(pc.utf8_length(rest), settings["shortest_part"]))
    return Names(at[long], rest.filter(pa.array(long)))


def _before_mark(proper: pa.StringArray, marked: Mask, rules: RuleSet) -> Names:
    """The title up to a colon or semicolon inside it: older records type other title information there."""
    shortest = rules.tables["text"]["title"]["shortest_part"]
    at = np.flatnonzero(matching(proper, r"[:;]\s*\S", marked))
    before = pc.replace_substring_regex(proper.take(pa.array(at)), r"\s*[:;](?s:.*)$", "")
    long = np.asarray(pc.utf8_length(before)) >= shortest
    return Names(at[long], skeleton_column(without_article(before.filter(pa.array(long)), rules), rules))


def _without_elision(proper: pa.StringArray, marked: Mask, rules: RuleSet) -> Names:
    """The title without an article that is joined by an apostrophe: L'Afrique."""
    words = rules.tables["text"]["title"]
    pattern = f"(?i)^(?:{'|'.join(words['elided'])})['’ʼ]"
    at = np.flatnonzero(matching(proper, pattern, marked))
    rest = pc.replace_substring_regex(proper.take(pa.array(at)), pattern, "")
    return Names(at, skeleton_column(rest, rules))


def _below_series(whole: pa.StringArray, name: pa.StringArray, rules: RuleSet) -> Names:
    """The part name alone where the title proper is that of a series, or where the name is a long title of its own."""
    named = filled(name)
    series = pc.match_substring_regex(whole.take(pa.array(named.row)), _series_end(rules))
    long = pc.greater_equal(pc.utf8_length(named.text), rules.tables["text"]["title"]["telling_part"])
    alone = pc.or_(series, long)
    return Names(named.row[np.asarray(alone)], named.text.filter(alone))


@cache
def _series_end(rules: RuleSet) -> str:
    return "(?:" + "|".join(rules.tables["text"]["title"]["series"]) + ")$"


def _scripts(title: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    """The script of each title: the first of `[scripts]` whose characters stand in it; '' for none."""
    names = rules.tables["text"]["scripts"]
    order = list(names)
    script = np.full(len(title), len(order), np.int64)
    plain = np.asarray(pc.string_is_ascii(title))
    plain_latin = plain & np.asarray(pc.match_substring_regex(title, "[a-z]"))
    script[plain_latin] = order.index("latin")
    left = np.flatnonzero(~plain)
    for name, characters in names.items():
        if len(left) == 0:
            break
        found = np.asarray(pc.match_substring_regex(title.take(pa.array(left)), f"[{characters}]"))
        script[left[found]] = order.index(name)
        left = left[~found]
    return pa.array([*order, ""], pa.string()).take(pa.array(script))


def _is(script: pa.StringArray, name: str) -> Mask:
    return np.asarray(pc.equal(script, text(name)))


def _pinyin(
    batch: RawBatch, fields: TitleFields, romanised: tuple[pa.StringArray, Mask, Mask], rules: RuleSet
) -> pa.StringArray:
    """Pinyin given by the record, else the romanised title of a Chinese book, without spaces."""
    whole, in_han, latin = romanised
    given = skeleton_column(fields.pinyin, rules)
    chosen = np.flatnonzero(latin & (in_han | _romanised(batch, latin, rules)) & (lengths(given) == 0))
    if len(chosen) == 0:
        return given
    return pc.if_else(pc.equal(given, EMPTY), scattered(whole.take(pa.array(chosen)), chosen, len(whole)), given)


def _romanised(batch: RawBatch, latin: Mask, rules: RuleSet) -> Mask:
    """Records in a language whose Latin titles are romanised, by the fixed field."""
    found = np.zeros(len(batch), np.bool_)
    for kind in Format:
        rule = title_rule(rules, kind)
        here = np.flatnonzero(latin & (batch.formats == kind))
        if rule["language"] and len(here):
            code = pc.utf8_slice_codeunits(text_or_empty(batch.text("fixed")).take(pa.array(here)), *rule["language"])
            found[here] = np.asarray(pc.is_in(code, pa.array(rule["romanised"], pa.string())))
    return found
