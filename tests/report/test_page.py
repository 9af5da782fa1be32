"""A page says what the data files say, runs nothing but its own script, and asks for nothing."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError, RuleError
from dedup.marc.single import Whole
from dedup.report import page
from dedup.report.folders import folder_of
from dedup.report.model import Line, Package, Part
from dedup.report.page_words import read_words
from dedup.report.statistics import Month, Statistics, statistics
from dedup.rules import RuleSet
from dedup.tables import REGROUPED, SUBFIELD_MARK
from tests.report.conftest import PERIOD
from tests.report.html_tree import Node, tree

Rows = Callable[[str], list[dict[str, str]]]
BIDI, CONTROL = "\u202eRTL\u2066", "a\x00b\x1bc\x7fd"
HOSTILE = (
    "<script>document.title='taken'</script>",
    "</script><script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "\" onfocus=\"document.title='taken'\" autofocus x=\"",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "<!--", "]]>", "&lt;b&gt; &amp;", "=1+1", BIDI, CONTROL,
)  # fmt: skip


@pytest.fixture
def pages(packages: dict[str, Package], rules: RuleSet, tmp_path: Path) -> dict[str, Node]:
    """The page of every library, in both languages."""
    made = {}
    for name, package in packages.items():
        page.write_page(package, tmp_path / name / "index.html", rules, PERIOD, "both")
        made[name] = tree((tmp_path / name / "index.html").read_text(encoding="utf-8"))
    return made


@pytest.fixture
def numbers(run_engine: DuckEngine, rules: RuleSet) -> Statistics:
    return statistics(run_engine, rules, Config(), PERIOD)


def one_line(package: Package, **changes: object) -> Line:
    return dataclasses.replace(package.lines[0], **changes)  # type: ignore[arg-type]


def written(package: Package, rules: RuleSet, place: Path, lang: str = "both") -> Node:
    page.write_page(package, place / "index.html", rules, PERIOD, lang)
    return tree((place / "index.html").read_text(encoding="utf-8"))


def words(node: Node, lang: str = "zh") -> str:
    return " ".join(node.text(lang).split())


def test_every_list_counts_its_groups_and_records_as_the_data_files_do(pages: dict[str, Node], told: Rows) -> None:
    causes = {row["group_id"]: (row["verdict"], row["cause"]) for row in told("groups.csv")}
    size = Counter(row["group_id"] for row in told("groups.csv"))
    names = {"same": "merge", "structure": "level", "repair": "correct", "review": "review"}
    for name, made in pages.items():
        groups = {
            row["group_id"]
            for row in told("groups.csv")
            if name in row["library"].split(";") + row["responsible"].split(";")
        }
        groups |= {row["group_id"] for row in told("findings.csv") if row["library"] == name}
        junk = [row for row in told("junk.csv") if name in row["library"].split(";") + row["responsible"].split(";")]
        wanted: dict[str, list[int]] = {"junk": [1] * len(junk)} if junk else {}
        for group in groups:
            verdict, cause = causes[group]
            part = "empty" if (verdict, cause) == ("same", "D09") else names[verdict]
            wanted.setdefault(part, []).append(size[group])
        found = {one.attributes["data-part"]: words(one.one("h2").one(class_="n")) for one in made.all("section")}
        assert found == {part: f"{len(sizes)} 组 · {sum(sizes)} 条" for part, sizes in wanted.items()}
        total = sum(map(len, wanted.values())), sum(map(sum, wanted.values()))
        assert words(made.one("p", class_="total")) == f"{total[0]} 组 · {total[1]} 条"
        assert len(made.all("article")) == total[0]


def test_every_record_of_a_group_stands_in_its_card_with_reason_and_correction(
    pages: dict[str, Node], told: Rows
) -> None:
    rows = {(row["group_id"], row["record_id"]): row for row in told("groups.csv")}
    own = {(row["library"], row["group_id"], row["record_id"], row["correction_zh"]) for row in told("findings.csv")}
    for name, made in pages.items():
        for card in made.all("article"):
            group = card.attributes["data-group"]
            heads = [one.one(class_="id").text() for one in card.one("thead").all("th") if one.all(class_="id")]
            if card.attributes["data-verdict"] == "junk":
                continue
            assert set(heads) == {record for id, record in rows if id == group}
            said = [words(one) for one in card.one("ul").all("p")]
            assert words(card.one(class_="reason")).removeprefix("理由").strip() == words_of(
                rows[group, heads[0]]["reason"]
            )
            for record in heads:
                row = rows[group, record]
                assert (card.attributes["data-verdict"], card.attributes["data-cause"]) == (
                    row["verdict"],
                    row["cause"] or "none",
                )
                texts = {text for library, id, one, text in own if (library, id, one) == (name, group, record)}
                assert {" ".join(text.split()) for text in texts or {row["correction_zh"]}} <= set(said)


def words_of(reason: str) -> str:
    return " ".join(reason.split(" / ")[0].split())


def test_a_library_with_many_groups_has_several_pages_and_each_group_stands_on_one_as_it_would_alone(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    few = of_groups(rules, 4)
    for name, package in packages.items():
        whole, folder = written(package, rules, tmp_path / "whole" / name), tmp_path / name
        cards = [card.text() for card in whole.all("article")]
        page.write_page(package, folder / "index.html", few, PERIOD, "both")
        files = ["index.html", *(f"index-{number}.html" for number in range(2, (len(cards) + 3) // 4 + 1))]
        assert {path.name for path in folder.iterdir()} == set(files)
        made = [tree((folder / file).read_text(encoding="utf-8")) for file in files]
        assert [card.text() for one in made for card in one.all("article")] == cards
        assert all(0 < len(one.all("article")) <= 4 for one in made)
        for number, one in enumerate(made, 1):
            assert words(one.one("p", class_="total")) == words(whole.one("p", class_="total"))
            for pager in one.all("nav", class_="pages") if len(files) > 1 else []:
                first, last = 4 * number - 3, 4 * number - 4 + len(one.all("article"))
                assert words(pager.all("p")[0]).endswith(f" {first}–{last}")
                assert pager.one("b", aria_current="page").text() == str(number)
                assert [link.attributes["href"] for link in pager.all("a")] == [
                    file for file in files if file != files[number - 1]
                ]
            assert len(one.all("nav", class_="pages")) == (2 if len(files) > 1 else 0)
    assert any((tmp_path / name / "index-3.html").exists() for name in packages)


def of_groups(rules: RuleSet, most: int) -> RuleSet:
    """The rules with so many groups on a page."""
    table = rules.tables["page"]
    return dataclasses.replace(rules, tables={**rules.tables, "page": {**table, "pages": {"groups": most}}})


def test_the_numbers_beside_the_filters_are_those_of_the_groups(pages: dict[str, Node]) -> None:
    for made in pages.values():
        for facet in made.all("fieldset"):
            name = facet.attributes["data-facet"]
            shown = {
                one.one("input").attributes["value"]: int(one.one(class_="n").text()) for one in facet.all("label")
            }
            cards = Counter(card.attributes[f"data-{name}"] for card in made.all("article"))
            cards.pop("none", None) if name == "confidence" else None
            assert shown == cards


def test_the_row_of_a_field_that_differs_says_so_in_words_and_its_parts_are_marked(
    packages: dict[str, Package], pages: dict[str, Node], rules: RuleSet
) -> None:
    fields = {field.name.zh: field.id for field in read_words(rules).fields}
    for name, package in packages.items():
        differing = {line.group_id: set(line.differing) for line in package.lines if line.group_id}
        for card in pages[name].all("article"):
            wanted = differing.get(card.attributes["data-group"], set())
            tagged = {fields[words(row.one("th").all("span")[0])] for row in card.all("tr", class_="differs")}
            assert tagged == wanted
            for row in card.one("tbody").all("tr"):
                assert bool(row.all("mark")) <= row.fits({"class_": "differs"})
                assert row.fits({"class_": "differs"}) == (words(row.one("th")).endswith("不同"))


def test_a_title_that_is_a_program_is_a_title(packages: dict[str, Package], rules: RuleSet, tmp_path: Path) -> None:
    lines = tuple(
        one_line(packages["LTU"], key=f"G{n}|x", group_id=f"G{n}", title=text, record_id=text, cause=text, verdict=text,
                 isbn13=text, reason={"zh": text, "en": text}, correction={"zh": text, "en": text}, flags=text)
        for n, text in enumerate(HOSTILE)
    )  # fmt: skip
    made = written(Package("<b>", lines), rules, tmp_path)
    [script], [style] = made.all("script"), made.all("style")
    assert (script.text(), style.text()) == (page.asset("page.js"), page.asset("page.css"))
    assert not [
        node for node in made.all() if any(name.startswith("on") or name == "style" for name in node.attributes)
    ]
    assert not made.all("img") and not made.all("b", lang="")
    assert made.one("h1").one("bdi").text() == "<b>"
    titles = [card.one("h3").one("bdi").text() for card in made.all("article")]
    assert titles[:-1] == list(HOSTILE[:-1]) and titles[-1] == "a\u2400b\u241bc\u2421d"


def test_every_value_of_a_record_is_kept_from_turning_the_text_around_it(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    made = written(Package("LTU", (one_line(packages["LTU"], title=BIDI, publisher=BIDI),)), rules, tmp_path)
    holders = [node for node in made.all() if any(isinstance(child, str) and BIDI in child for child in node.children)]
    assert holders and {node.name for node in holders} == {"bdi"}


def test_a_title_of_forty_thousand_letters_is_there_to_the_last(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    title = "题" * 39_999 + "终"
    lines = [one_line(packages["LTU"], title=text, differing=("title",)) for text in (title, title[:-1] + "尾")]
    made = written(Package("LTU", tuple(lines)), rules, tmp_path)
    [cell, other] = made.all("bdi", class_="long")
    assert cell.text() == title and [mark.text() for mark in (*cell.all("mark"), *other.all("mark"))] == ["终", "尾"]


def test_the_policy_of_a_page_allows_its_own_script_and_style_and_nothing_else(
    pages: dict[str, Node], numbers: Statistics, rules: RuleSet, tmp_path: Path
) -> None:
    page.write_centre(numbers, tmp_path / "index.html", rules, "both")
    centre = tree((tmp_path / "index.html").read_text(encoding="utf-8"))
    for made in (*pages.values(), centre):
        policy = made.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
        rule = dict(part.split(" ", 1) for part in policy.split("; "))
        assert rule.pop("default-src") == rule.pop("base-uri") == rule.pop("form-action") == "'none'"
        assert rule.pop("img-src") == "data:"
        for kind in ("script", "style"):
            digest = base64.b64encode(hashlib.sha256(made.one(kind).text().encode()).digest()).decode()
            assert rule.pop(f"{kind}-src") == f"'sha256-{digest}'"
        assert not rule
        links = [one.attributes.get(name) for one in made.all() for name in ("src", "href") if name in one.attributes]
        assert all(re.match(r"data:,$|#|libraries/", link or "") for link in links)


@pytest.mark.parametrize(
    ("lang", "said", "unsaid"), [("zh", "修改建议", "What to do"), ("en", "What to do", "修改建议")]
)
def test_a_page_in_one_language_says_nothing_in_the_other(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path, lang: str, said: str, unsaid: str
) -> None:
    made = written(packages["LTU"], rules, tmp_path, lang)
    assert said in made.text() and unsaid not in made.text()
    assert not made.all("span", lang="zh") and not made.all("span", lang="en") and not made.all(id="language")
    assert made.one("html").attributes["lang"] == {"zh": "zh-Hans", "en": "en"}[lang]


def test_both_languages_say_the_same_things_side_by_side(pages: dict[str, Node]) -> None:
    for made in pages.values():
        assert len(made.all("span", lang="zh")) == len(made.all("span", lang="en")) > 100


def test_a_library_without_findings_is_thanked(rules: RuleSet, tmp_path: Path) -> None:
    made = written(Package("NKU", ()), rules, tmp_path)
    assert "感谢" in words(made.one("main")) and not made.all("article") and not made.all(id="filters")


def test_the_centre_is_shown_the_totals_of_the_run(
    numbers: Statistics, rules: RuleSet, finished: Path, tmp_path: Path
) -> None:
    page.write_centre(numbers, tmp_path / "index.html", rules, "both")
    made = tree((tmp_path / "index.html").read_text(encoding="utf-8"))
    counts = json.loads((finished / "out" / "data" / "summary.json").read_text(encoding="utf-8"))["counts"]
    sums = {words(one.one("dt")): words(one.one("dd")) for one in made.one("dl", class_="sums").all("div")}
    assert sums["记录总数"] == f"{counts['bibliographic']:,}" and sums["缺题名"] == str(counts["junk"])
    assert sums["重复组"] == str(sum(counts["groups"].values()))
    assert [sums[name] for name in ("应合并", "级别不一", "应修改", "待核")] == [
        str(counts["groups"].get(verdict, 0)) for verdict in ("same", "structure", "repair", "review")
    ]
    assert sums["组内记录"].split()[0].startswith(str(sum(counts["records_in_groups"].values())))


def test_causes_are_counted_by_language_and_come_to_the_sum_of_all_groups(
    numbers: Statistics, rules: RuleSet, told: Rows, tmp_path: Path
) -> None:
    page.write_centre(numbers, tmp_path / "index.html", rules, "both")
    table = tree((tmp_path / "index.html").read_text(encoding="utf-8")).one("table", id="causes-table")
    shown = {
        row.one("b").text(): [one.text() for one in row.all("td", class_="num")] for row in table.one("tbody").all("tr")
    }
    causes = {row["group_id"]: row["cause"] for row in told("groups.csv")}
    assert {code for code in shown if code} == {cause for cause in causes.values() if cause}
    for code, (chinese, other, both) in shown.items():
        if code:
            assert int(chinese) + int(other) == int(both)
    assert sum(int(values[-1]) for values in shown.values()) == len(causes)
    assert table.one("tfoot").all("td", class_="num")[-1].text() == str(len(causes))


def test_libraries_stand_in_the_order_of_their_own_duplicates_and_lead_to_their_pages(
    numbers: Statistics, rules: RuleSet, tmp_path: Path
) -> None:
    hostile = dataclasses.replace(numbers.libraries[0], library="../<x>", self_duplicates=31, band="serious")
    page.write_centre(
        dataclasses.replace(numbers, libraries=(hostile, *numbers.libraries)), tmp_path / "i.html", rules, "both"
    )
    table = tree((tmp_path / "i.html").read_text(encoding="utf-8")).one("table", id="libraries-table")
    rows = table.one("tbody").all("tr")
    assert [row.one("th").text() for row in rows] == ["../<x>", *(one.library for one in numbers.libraries)]
    assert words(rows[0].one(class_="band")) == "严重"
    links = [row.one("a").attributes["href"] for row in rows if row.all("a")]
    assert links[0] == f"libraries/{folder_of('../<x>')}/index.html" and ".." not in links[0]
    for row, one in zip(rows[1:], numbers.libraries, strict=True):
        values = [int(cell.text()) for cell in row.all("td", class_="num")]
        assert values == [one.self_duplicates, one.two_calls, one.caused, one.groups, one.corrections, one.junk_items,
                          one.junk_empty, one.open, one.answered]  # fmt: skip


def test_groups_split_and_joined_are_named_to_the_centre_and_the_rest_counted(
    run_engine: DuckEngine, numbers: Statistics, rules: RuleSet, tmp_path: Path
) -> None:
    rows = [("GB", "GA", "split", "same", 2), ("GC", "GA", "split", "same", 1), ("GD", "GE", "join", "structure", 1234)]
    columns = [pa.array(list(column)) for column in zip(*rows, strict=True)]
    run_engine.write("regrouped", REGROUPED, [pa.RecordBatch.from_arrays(columns, schema=REGROUPED)])
    table = rules.tables["report"]
    for most in (2, 3):
        report = {**table, "statistics": {**table["statistics"], "regrouped": most}}
        some = dataclasses.replace(rules, tables={**rules.tables, "report": report})
        page.write_centre(statistics(run_engine, some, Config(), PERIOD), tmp_path / "i.html", some, "both")
        made = tree((tmp_path / "i.html").read_text(encoding="utf-8"))
        shown = [[words(cell, "en") for cell in (row.one("th"), *row.all("td"))] for row in table_rows(made)]
        assert [[was, change, now, records] for was, change, now, _, records in shown] == [
            [was, {"split": "split", "join": "joined"}[kind], now, f"{records:,}"]
            for now, was, kind, _, records in rows[:most]
        ]
        assert words(made.one(id="regrouped-note"), "en").endswith("rows in all: 3") == (most < 3)
    assert not numbers.regrouped
    page.write_centre(numbers, tmp_path / "i.html", rules, "both")
    assert not tree((tmp_path / "i.html").read_text(encoding="utf-8")).all(id="regrouped-table")


def table_rows(made: Node) -> list[Node]:
    return made.one(id="regrouped-table").one("tbody").all("tr")


@pytest.mark.parametrize("months", [0, 1, 3, 40])
def test_the_trend_is_drawn_for_any_number_of_periods(
    numbers: Statistics, rules: RuleSet, tmp_path: Path, months: int
) -> None:
    trend = tuple(Month(f"{2020 + n // 12}-{n % 12 + 1:02}", 5 + n, n, 2 * n, 1) for n in range(months))
    page.write_centre(dataclasses.replace(numbers, trend=trend, created=()), tmp_path / "i.html", rules, "both")
    made = tree((tmp_path / "i.html").read_text(encoding="utf-8"))
    figures = made.all("figure")
    assert len(figures) == (2 if months else 0)
    drawn = min(months, rules.tables["page"]["chart"]["periods"])
    for figure in figures:
        assert len(figure.all("text", class_="value")) == len(figure.one("tbody").all("tr")) == drawn
    if months:
        cells = [int(cell.text()) for cell in figures[0].one("tbody").all("tr")[-1].all("td")]
        assert cells == [trend[-1].new, trend[-1].repeated] and len(figures[0].all("rect", class_="f1")) == drawn + 1


def whole(*fields: tuple[str, str]) -> Whole:
    return Whole(" " * 24, tuple((tag, text.replace("$", SUBFIELD_MARK)) for tag, text in fields), 0)


def marc(packages: dict[str, Package], rules: RuleSet, place: Path, *wholes: Whole | None) -> dict[str, list[str]]:
    """The MARC rows of a page with one group of these records: tag -> cells with their marked parts in brackets."""
    lines = tuple(one_line(packages["LTU"], record_id=f"LTU/{n}") for n in range(len(wholes)))
    found = {f"LTU/{n}": one for n, one in enumerate(wholes) if one is not None}
    page.write_page(
        Package("LTU", lines),
        place / "i.html",
        rules,
        PERIOD,
        "en",
        lambda names: {name: found[name] for name in names if name in found},
    )
    made = tree((place / "i.html").read_text(encoding="utf-8"))
    rows = [row for body in made.all("tbody", class_="marc") for row in body.all("tr", class_="differs")]
    shown: dict[str, list[str]] = {}
    for row in rows:
        for mark in row.all("mark"):
            mark.children = [f"[{mark.text()}]"]
        shown.setdefault(row.one("th").text(), []).extend(cell.text() for cell in row.all("td"))
    return shown


def test_marc_fields_that_differ_stand_side_by_side_with_their_subfields(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    same = ("200", "1 $a工程材料实用手册$f编写组编")
    left = whole(
        ("001", "b1"), ("005", "2008"), same, ("210", "  $a北京$c三联书店"), ("711", "02$a编写组$4编"), ("905", "  $aX")
    )
    right = whole(
        ("001", "l1"),
        ("005", "2009"),
        same,
        ("210", "  $a北京$c生活三联书店"),
        ("701", " 0$a编写组$4编"),
        ("905", "  $aY"),
    )
    assert marc(packages, rules, tmp_path, left, right) == {
        "210": ["## $a北京 $c三联书店", "## $a北京 $c[生活]三联书店"],
        "701": ["[not given]", "[#0 $a编写组 $4编]"],
        "711": ["[02 $a编写组 $4编]", "[not given]"],
    }


def test_repeated_fields_in_another_order_or_number_are_told_apart_from_equal_ones(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    left = whole(("606", "0 $a甲"), ("606", "0 $a乙"), ("300", "  $a注"), ("300", "  $a注"))
    right = whole(("606", "0 $a乙"), ("606", "0 $a甲"), ("300", "  $a注"))
    assert marc(packages, rules, tmp_path, left, right) == {"300": ["[## $a注]", "[not given]"]}


def test_a_record_whose_file_is_gone_is_said_to_be_unread_and_not_to_lack_the_field(
    packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    left, right = whole(("205", "  $a第2版")), whole(("205", "  $a第3版"))
    shown = marc(packages, rules, tmp_path, left, None, right)
    assert shown == {"205": ["## $a第[2]版", "not to be read from the source file", "## $a第[3]版"]}
    assert marc(packages, rules, tmp_path, left, None) == {}


def test_hostile_fields_and_tags_are_text(packages: dict[str, Package], rules: RuleSet, tmp_path: Path) -> None:
    shown = marc(packages, rules, tmp_path, whole(("<b>", "  $a<script>x</script>\x00")), whole(("245", "00$aT")))
    assert shown["<b>"] == ["[## $a<script>x</script>\u2400]", "[not given]"]


def test_a_table_of_words_that_names_no_field_of_a_record_is_refused(rules: RuleSet) -> None:
    table = dict(rules.tables["page"])
    table["field"] = [*table["field"], {"id": "colour", "name": {"zh": "颜色", "en": "Colour"}}]
    with pytest.raises(RuleError, match=r"page\.toml \[\[field\]\].*'colour'"):
        read_words(dataclasses.replace(rules, tables={**rules.tables, "page": table}))


def test_a_folder_that_cannot_be_made_is_named(packages: dict[str, Package], rules: RuleSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"):
        page.write_page(packages["LTU"], tmp_path / "file" / "index.html", rules, PERIOD, "zh")


def test_every_part_of_a_package_has_a_name(rules: RuleSet) -> None:
    assert set(read_words(rules).parts) == {str(part) for part in Part}
