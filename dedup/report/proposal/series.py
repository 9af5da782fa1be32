"""Series and printings that the kept record does not speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dedup.codes import filled
from dedup.marc.record import Field
from dedup.normalise.series_title import series_key
from dedup.report.proposal.selectors import joined
from dedup.report.proposal.side import Side, copied, new_field


def series(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """Series as described on the book; of another format, or of an obsolete field, only title, number and ISSN."""
    titles = mine.select("series", "title")
    known = {series_key(text, mine.rules) for _, text in joined(mine.full.fields, titles, " ")}
    shape = mine.shape["series"]
    for side in sides:
        own = side.shape["series"]
        described = {own["tag"], *side.shape["obsolete"]}
        for field, text in joined(side.full.fields, side.select("series", "title"), " "):
            key = series_key(text, side.rules)
            if field.tag not in described or not key or key in known:
                continue
            known.add(key)
            if field.tag == shape["tag"]:
                yield copied(field, field.tag, mine.rules)
                continue
            parts = [(shape["title"], text.strip(" ;/,"))]
            for name in ("number", "issn"):
                parts += [
                    (shape[name], value) for code, value in field.subfields if code == own[name] and value.strip()
                ]
            yield new_field(shape, parts)


def traced(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """Series as access points, from records of the same family of formats."""
    titles = mine.select("series", "title")
    traced = mine.shape["traced"]
    known = {
        series_key(text, mine.rules) for field, text in joined(mine.full.fields, titles, " ") if field.tag in traced
    }
    for side in sides:
        if side.shape["family"] != mine.shape["family"]:
            continue
        for field, text in joined(side.full.fields, side.select("series", "title"), " "):
            key = series_key(text, side.rules)
            if field.tag in traced and key and key not in known:
                known.add(key)
                yield copied(field, field.tag, mine.rules)


def printings(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """A note for each printing of another year or extent that no field of the kept record speaks of."""
    texts, language = mine.rules.tables["proposal"]["text"], mine.shape["words"]
    written = [" ".join(value for _, value in field.subfields) for field in mine.full.fields]
    for side in sides:
        year, pages = side.full.year, side.full.pages
        other_pages = pages is not None and mine.full.pages is not None and pages != mine.full.pages
        if year is None or (year == mine.full.year and not other_pages):
            continue
        numbers = [year, pages] if other_pages else [year]
        shapes = [re.compile(rf"(?<!\d){number}(?!\d)") for number in numbers]
        if any(all(shape.search(text) for shape in shapes) for text in written):
            continue
        later = mine.full.year is not None and year > mine.full.year
        name = ("later" if later else "other") + ("_pages" if other_pages else "")
        text = filled(texts[name][language], {"year": str(year), "pages": str(pages)})
        written.append(text)
        yield new_field(mine.shape["extent_note" if other_pages else "note"], [("a", text)])
