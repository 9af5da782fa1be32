"""What an order list is told: held, held in another form, not held, or cannot be told; never held where it is not."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from dedup.check.orders import Status
from tests.check.orders_made import HEADS, asked, told
from tests.check.orders_made import text as written

SOURCE = Path(__file__).parent.parent.parent / "fixtures" / "source"


def records(answer: object) -> set[str]:
    return {match.record_id for match in answer.best}  # type: ignore[attr-defined]


class TestHeld:
    def test_by_isbn_and_title_in_either_form_of_the_isbn(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787208061644", 题名="追风筝的人", 责任者="胡赛尼")
        assert answer.status is Status.HELD and records(answer) == {"QSU/a1001", "BLU/b2001"}
        assert answer.libraries == {"BLU": 1, "QSU": 1}

    def test_without_isbn_by_title_names_and_imprint(self, tmp_path: Path) -> None:
        cells = {"题名": "解忧杂货店", "责任者": "（日）东野圭吾", "出版社": "南海出版公司", "出版年": "2014"}
        assert told(tmp_path, **cells).status is Status.HELD

    def test_a_vendors_title_with_edition_and_marks_is_the_title_of_the_record(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787115373557", 题名="《数学之美（第二版）》", 责任者="吴军")
        assert answer.status is Status.HELD and records(answer) == {"LTU/l4005"}

    def test_a_western_name_in_the_order_of_headings(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="0131103628", 题名="The C programming language", 责任者="Kernighan, Brian W.")
        assert answer.status is Status.HELD

    def test_a_reprint_of_another_year_under_one_isbn_is_the_same_edition(self, tmp_path: Path) -> None:
        cells = {"ISBN": "978-7-208-06164-4", "题名": "追风筝的人", "出版年": "2016"}
        assert told(tmp_path, **cells).status is Status.HELD


class TestLikely:
    def test_title_name_and_publisher_without_year(self, tmp_path: Path) -> None:
        answer = told(tmp_path, 题名="万历十五年", 责任者="黄仁宇", 出版社="三联书店")
        assert answer.status is Status.LIKELY and "QSU/a1007" in records(answer)

    def test_an_isbn_with_a_wrong_check_digit_beside_the_right_title(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="978-7-208-06164-9", 题名="追风筝的人", 责任者="胡赛尼")
        assert answer.status in (Status.LIKELY, Status.HELD)
        assert any("check digit" in note.en for note in answer.notes)

    def test_an_isbn_alone(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="7-108-00982-X")
        assert answer.status is Status.LIKELY and {"QSU/a1007", "BLU/b2006"} <= records(answer)

    def test_the_list_states_an_edition_that_the_record_of_that_isbn_does_not(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="978-7-115-28282-8", 题名="数学之美", 责任者="吴军", 版次="第3版")
        assert answer.status is not Status.HELD


class TestAnotherForm:
    def test_another_edition(self, tmp_path: Path) -> None:
        cells = {"ISBN": "9787115999993", "题名": "数学之美(第三版)", "责任者": "吴军", "出版社": "人民邮电出版社"}
        answer = told(tmp_path, **cells, 出版年="2020")
        assert (answer.status, answer.kind) == (Status.OTHER, "edition")
        assert {"edition: 3 / 2", "year: 2020 / 2014"} <= {
            one.text("en") for match in answer.best for one in match.differs
        }

    def test_another_edition_of_the_same_year_and_publisher_without_isbn(self, tmp_path: Path) -> None:
        cells = {"题名": "围城", "责任者": "钱钟书", "出版社": "人民文学出版社", "出版年": "1980", "版次": "第2版"}
        assert told(tmp_path, **cells).status is Status.OTHER

    @pytest.mark.parametrize("volume", ["第四部", "4", "第4部"])
    def test_another_volume(self, tmp_path: Path, volume: str) -> None:
        cells = {"ISBN": "9787530212004", "题名": "平凡的世界", "责任者": "路遥", "卷册": volume}
        answer = told(tmp_path, **cells)
        assert (answer.status, answer.kind) == (Status.OTHER, "volume")

    def test_a_volume_of_which_the_whole_set_is_held(self, tmp_path: Path) -> None:
        cells = {"题名": "三国演义", "卷册": "上", "责任者": "罗贯中", "出版社": "人民文学出版社", "版次": "2版"}
        answer = told(tmp_path, **cells)
        assert "BLU/b2037" in {match.record_id for match in answer.matches}
        assert answer.status is not Status.HELD

    def test_several_volumes_share_the_isbn_and_the_list_names_none(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="7-02-000872-0", 题名="三国演义", 责任者="罗贯中")
        assert answer.status is Status.LOOK and "state the volume" in answer.reason.en

    def test_another_binding(self, tmp_path: Path) -> None:
        cells = {
            "ISBN": "9787108999993",
            "题名": "美的历程",
            "责任者": "李泽厚",
            "出版社": "三联书店",
            "出版年": "2009",
        }
        answer = told(tmp_path, **cells, 装帧="线装")
        assert answer.status is Status.OTHER
        assert "装帧" in {one.name.zh for match in answer.matches for one in match.differs}

    @pytest.mark.parametrize("cell", ["电子书", "电子图书", "光盘", "online resource"])
    def test_another_carrier(self, tmp_path: Path, cell: str) -> None:
        answer = told(tmp_path, ISBN="9787302147510", 题名="计算机网络", 责任者="谢希仁", 载体=cell)
        assert answer.status is not Status.HELD

    def test_another_translator_is_another_edition(self, tmp_path: Path) -> None:
        cells = {
            "题名": "挪威的森林",
            "责任者": "（日）村上春树著；某译者译",
            "出版社": "上海译文出版社",
            "出版年": "2001",
        }
        assert told(tmp_path, **cells).status is Status.OTHER


class TestCannotBeTold:
    def test_a_reused_isbn_is_shown_with_the_title_that_bears_it(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787208061644", 题名="完全不同的另一种书", 责任者="某人")
        assert answer.status is Status.LOOK and answer.best[0].title == "追风筝的人"

    def test_an_isbn_alone_that_two_books_bear(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787208061644")
        assert answer.status is Status.LOOK
        assert {match.title for match in answer.matches} == {"追风筝的人", "灿烂千阳"}

    def test_a_record_without_title_under_a_reused_isbn_proves_nothing(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787544270878", 题名="完全不同的另一种书", 责任者="某人")
        assert answer.status is Status.LOOK

    def test_a_title_alone(self, tmp_path: Path) -> None:
        answer = told(tmp_path, 题名="围城")
        assert answer.status is Status.LOOK and len(answer.best) == 3

    @pytest.mark.parametrize("cells", [{"责任者": "某人"}, {"ISBN": "无", "出版社": "三联书店"}, {"题名": "……"}])
    def test_neither_isbn_nor_title(self, tmp_path: Path, cells: dict[str, str]) -> None:
        answer = told(tmp_path, **cells)
        assert answer.status is Status.LOOK and not answer.matches


class TestNotHeld:
    def test_isbn_and_title_unknown(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787100999991", 题名="一本目录里没有的书", 责任者="无名氏")
        assert answer.status is Status.ABSENT and not answer.matches

    def test_one_title_of_another_author_and_publisher_is_another_book(self, tmp_path: Path) -> None:
        cells = {"ISBN": "9787560999999", "题名": "计算机网络", "责任者": "欧阳某某", "出版社": "华中科技大学出版社"}
        assert told(tmp_path, **cells).status is Status.ABSENT

    def test_the_book_to_a_title_is_not_its_collection_of_problems(self, tmp_path: Path) -> None:
        answer = told(tmp_path, ISBN="9787302999993", 题名="数据结构题集解答", 责任者="欧阳某某")
        assert answer.status is Status.ABSENT


def test_a_title_that_stands_twice_in_the_list_is_named(tmp_path: Path) -> None:
    book = ("9787100999991", "一本目录里没有的书", "无名氏", "商务印书馆", "2023", "", "", "", "")
    other = ("9787100888882", "另一本书", "无名氏", "商务印书馆", "2023", "", "", "", "")
    first, _, third = asked(written(tmp_path / "a.csv", [HEADS, book, other, book])).answers
    assert not first.notes and [note.en for note in third.notes] == ["the same book as row 2 of this list"]


def test_the_answers_do_not_depend_on_what_else_is_in_the_list(tmp_path: Path) -> None:
    lines = [row for row, _ in made() if row[1]][:60]
    together = asked(written(tmp_path / "all.csv", [HEADS, *lines], delimiter="\t")).answers
    for at in (0, 17, 42):
        (alone,) = asked(written(tmp_path / "one.csv", [HEADS, lines[at]], delimiter="\t")).answers
        assert (alone.status, alone.kind, alone.matches) == (
            together[at].status,
            together[at].kind,
            together[at].matches,
        )


def made() -> list[tuple[tuple[str, ...], str]]:
    """Lines made of the records that the small catalogue was made of, and what is true of each."""
    found = []
    for path in sorted(SOURCE.glob("0[1-8]*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n@ ")[1:]:
            fields = dict(re.findall(r"^(\d{3})[ 0-9#]{2} ?(.*)$", block.split("\n= ")[0], re.MULTILINE))
            if "200" in fields:
                found += _lines(fields)
    return found


def _part(field: str, code: str) -> str:
    hit = re.search(rf"\${code}([^$]*)", field)
    return hit[1].strip() if hit else ""


def _lines(fields: dict[str, str]) -> list[tuple[tuple[str, ...], str]]:
    isbn, title = _part(fields.get("010", ""), "a"), _part(fields["200"], "a")
    name, house, year = _part(fields["200"], "f"), _part(fields.get("210", ""), "c"), _part(fields.get("210", ""), "d")
    edition, volume = _part(fields.get("205", ""), "a"), _part(fields["200"], "h")
    year = (re.findall(r"\d{4}", year) or [""])[0]
    if not (name and house and year) or "*" in title:
        return []
    rest = (name, house, year, edition, volume, "", "")
    new = ("9787999999990", title, name, house, str(int(year) + 9), "第38版", volume, "", "")
    lines = [(new, "other"), (("9787999999990", f"不见于目录的{title}补正", "佚名某", *rest[1:]), "absent")]
    lines.append(((isbn, title, *rest), "held"))
    if volume:
        later = ("9787999999990", title, *rest[:4], "第97册", *rest[5:])
        lines.append((later, "other"))
    return lines


def test_lists_made_of_the_catalogue_are_answered_truly(tmp_path: Path) -> None:
    lines = made()
    answers = asked(written(tmp_path / "a.csv", [HEADS, *(row for row, _ in lines)], delimiter="\t")).answers
    told_of = Counter((truth, str(answer.status)) for (_, truth), answer in zip(lines, answers, strict=True))
    assert len(answers) == len(lines) > 150
    assert not told_of["other", "held"] and not told_of["absent", "held"] and not told_of["absent", "likely"]
    right = (
        told_of["held", "held"] + told_of["held", "likely"] + told_of["other", "other"] + told_of["absent", "absent"]
    )
    assert right >= 0.95 * len(lines), told_of
