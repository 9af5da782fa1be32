"""What a library is told to do stands in files that programs load safely, and in a letter that anybody can send."""

from __future__ import annotations

import csv
import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Format
from dedup.report.cells import read_csv
from dedup.report.corrections import CORRECTIONS, KEEP, LETTER, REDIRECTS, Job, is_mine, write_files
from dedup.report.keys import unseal
from dedup.report.model import Line, Package, Part
from dedup.report.originals import Original, Originals
from dedup.rules import RuleSet, load_rules

PERIOD = "2026-03"
RULES = load_rules()
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "'=1",
    "\t=1",
    "\u200f=1",
    "＝1",
    "a\x00b\x07c",
    "一\r\n二",
]
HOSTILE += ["\u202egnp.exe", "长" * 40_000, 'a,b";c', "<script>alert(1)</script>", "\ufeff=1", "%0A=1", "|cmd"]


def job(language: str = "en") -> Job:
    return Job(PERIOD, language, "TALIS")


def line(record_id: str, **more: object) -> Line:
    plain: dict[str, object] = dict.fromkeys(Line.__slots__, "")
    plain |= {"key": f"G1|{record_id}", "part": Part.MERGE, "group_id": "G1", "verdict": "same", "cause": "D12"}
    plain |= {"action": "merge", "keep": False, "keep_record": "NKU/k1", "record_id": record_id, "responsible": "NKU"}
    plain |= {"differing": (), "correction": {"zh": "请删除", "en": "delete"}, "reason": {"zh": "同", "en": "same"}}
    return Line(**{**plain, **more})  # type: ignore[arg-type]


def original(record_id: str, control: str, shared: bool = False) -> Original:
    source = record_id.partition("/")[0]
    return Original(
        record_id,
        source,
        control,
        shared,
        Format.CNMARC,
        "a.iso",
        "",
        "gone",
        0,
        1,
        "utf-8",
        1,
        "CAL1",
        None,
        None,
        (),
    )


def known(*rows: Original) -> Originals:
    return Originals({row.record_id: row for row in rows})


def letter(folder: Path) -> EmailMessage:
    with (folder / LETTER).open("rb") as stream:
        return email.message_from_binary_file(stream, policy=email.policy.default)  # type: ignore[return-value]


def text(folder: Path) -> str:
    body = letter(folder).get_body()
    assert body is not None
    return str(body.get_content())


KEPT = line("NKU/k1", keep=True, action="keep")


def test_every_line_of_a_package_is_in_its_csv_with_a_key_that_the_answer_can_be_read_by(
    packages: dict[str, Package], tmp_path: Path
) -> None:
    for library, package in packages.items():
        write_files(package, tmp_path / library, RULES, job())
        path = tmp_path / library / CORRECTIONS
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        rows = read_csv(path)
        seals = [unseal(row["key"]) for row in rows]
        assert [(one.key, one.library, one.period) for one in seals if one] == [
            (one.key, library, PERIOD) for one in package.lines
        ]
        for row, one in zip(rows, package.lines, strict=True):
            assert (row["record_id"], row["correction_zh"], row["correction_en"]) == (
                one.record_id,
                one.correction["zh"],
                one.correction["en"],
            )
            assert (row["result"], row["completed"], row["note"], row["keep"]) == ("", "", "", str(int(one.keep)))


def test_the_records_to_delete_are_those_that_the_findings_name(
    packages: dict[str, Package], told: Callable[[str], list[dict[str, str]]], tmp_path: Path
) -> None:
    for library, package in packages.items():
        records = {one.record_id for one in package.lines}
        controls = known(*(original(name, name.partition("/")[2]) for name in records))
        write_files(package, tmp_path / library, RULES, job(), controls)
        listed = set()
        for path in (tmp_path / library).glob("delete*.txt"):
            listed |= set(path.read_text("utf-8").split())
        wanted = {
            row["record_id"]
            for row in told("findings.csv")
            if row["library"] == library and row["action"] in ("merge", "delete")
        }
        wanted |= {
            one.record_id
            for one in package.of(Part.JUNK)
            if one.action in ("merge", "delete") and is_mine(package, one)
        }
        assert listed == {name.partition("/")[2] for name in wanted}
        assert listed.isdisjoint(one.record_id.partition("/")[2] for one in package.lines if one.keep)
        redirects = {row["deleted_record"]: row["kept_record"] for row in read_csv(tmp_path / library / REDIRECTS)}
        kept = {row["record_id"] for row in read_csv(tmp_path / library / KEEP)}
        assert kept == {one.record_id for one in package.lines if one.keep}
        groups = {one.record_id: one.keep_record for one in package.lines if one.verdict == "same" and not one.keep}
        assert groups.items() <= redirects.items() and set(groups.values()) <= kept


def test_a_record_whose_number_names_another_too_is_left_to_a_person(tmp_path: Path) -> None:
    lines = (KEPT, line("NKU/x"), line("NKU/x#2"), line("NKU/@120"), line("NKU/b"), line("NKU/c\nd"))
    rows = [original("NKU/k1", "k1"), original("NKU/x", "x", True), original("NKU/x#2", "x", True)]
    rows += [original("NKU/@120", ""), original("NKU/b", "b"), original("NKU/c\nd", "c\nd")]
    tally = write_files(Package("NKU", lines), tmp_path, RULES, job("both"), known(*rows))
    assert (tmp_path / "delete.txt").read_bytes() == b"b\n" and tally.deletes == 1
    (told,) = tally.messages["en"]
    assert "4 records" in told and all(name in told for name in ("NKU/x;", "NKU/x#2", "NKU/@120"))
    assert "NKU/x#2" in text(tmp_path) and "4 条" in text(tmp_path)
    assert {row["deleted_record"] for row in read_csv(tmp_path / REDIRECTS)} >= {
        "NKU/x",
        "NKU/x#2",
        "NKU/@120",
        "NKU/b",
    }


def test_a_record_that_stays_in_any_finding_or_that_others_delete_is_never_listed(tmp_path: Path) -> None:
    lines = (KEPT, line("NKU/a", responsible="TJU; centre"), line("NKU/k1", group_id="G2", key="G2|NKU/k1"))
    lines += (line("NKU/m", action="move"), line("NKU/n", part=Part.CONFIRMED), line("NKU/b", responsible="TJU; NKU"))
    rows = [original(one.record_id, one.record_id[4:]) for one in lines]
    write_files(Package("NKU", lines), tmp_path, RULES, job(), known(*rows))
    assert (tmp_path / "delete.txt").read_text("utf-8") == "b\n"
    redirects = {row["deleted_record"]: row["mine"] for row in read_csv(tmp_path / REDIRECTS)}
    assert redirects == {"NKU/a": "0", "NKU/k1": "1", "NKU/m": "1", "NKU/b": "1"}


def test_each_source_has_its_own_list_of_records_to_delete(tmp_path: Path) -> None:
    lines = (KEPT, line("NKU/a"), line("../x/a"))
    package = Package("NKU", lines)
    write_files(package, tmp_path, RULES, job(), known(original("NKU/a", "a"), original("../x/a", "a")))
    files = sorted(path.name for path in tmp_path.glob("delete*"))
    assert len(files) == 2 and "delete.NKU.txt" in files and "delete.txt" not in files
    assert all(name in text(tmp_path).replace("\n", " ") for name in files)


def test_hostile_text_neither_breaks_a_file_nor_is_lost(tmp_path: Path) -> None:
    lines = (KEPT, *(line(f"NKU/{at}", title=one, publisher=one, barcodes=one) for at, one in enumerate(HOSTILE)))
    write_files(Package("NKU", lines), tmp_path, RULES, job())
    with (tmp_path / CORRECTIONS).open(encoding="utf-8-sig", newline="") as stream:
        raw = list(csv.reader(stream))
    assert len(raw) == len(lines) + 1 and all(len(row) == len(raw[0]) for row in raw)
    assert not [cell for row in raw for cell in row if cell.startswith((*FORMULA, "＝"))]
    assert not [cell for row in raw for cell in row if any(sign < " " or sign == "\x7f" for sign in cell)]
    titles = [row["title"] for row in read_csv(tmp_path / CORRECTIONS)][1:]
    seen = {code: 0x2400 + code for code in range(32)}
    assert titles == [one.translate(seen) for one in HOSTILE]


@settings(max_examples=40)
@given(st.text(max_size=40) | st.sampled_from(HOSTILE), st.sampled_from(["zh", "en", "both"]))
def test_no_library_code_breaks_the_letter(tmp_path_factory: pytest.TempPathFactory, code: str, language: str) -> None:
    folder = tmp_path_factory.mktemp("letter")
    write_files(Package(code, (line("A/1", responsible=code),)), folder, RULES, Job(PERIOD, language, code))
    message = letter(folder)
    assert set(message.keys()) == {"Subject", "X-Unsent", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    assert PERIOD in message["Subject"] and "\u202e" not in message["Subject"] + text(folder)


@pytest.mark.parametrize(("language", "words"), [("zh", ["应合并", "感谢"]), ("en", ["to merge", "Thank you"])])
def test_the_letter_tells_the_totals_what_to_do_and_thanks(
    packages: dict[str, Package], tmp_path: Path, language: str, words: list[str]
) -> None:
    for library, package in packages.items():
        write_files(package, tmp_path / library, RULES, job(language))
        told = text(tmp_path / library)
        assert (
            all(word in told for word in [*words, library, "TALIS"]) and letter(tmp_path / library)["X-Unsent"] == "1"
        )
        numbers = [int(number) for number in "".join(sign if sign.isdigit() else " " for sign in told).split()]
        groups = {one.group_id or one.key for one in package.lines}
        assert {len(groups), len(package.lines), len(package.of(Part.MERGE))} <= set(numbers)


def test_the_letter_for_both_languages_says_everything_twice(packages: dict[str, Package], tmp_path: Path) -> None:
    write_files(packages["BLU"], tmp_path, RULES, job("both"))
    told = text(tmp_path)
    assert "感谢" in told and "Thank you" in told and " / " in letter(tmp_path)["Subject"]


def test_the_workbook_is_attached_when_it_is_there_and_not_too_large(tmp_path: Path) -> None:
    book = tmp_path / "重复数据报表_NKU_2026-03.xlsx"
    package = Package("NKU", (KEPT, line("NKU/a")))
    write_files(package, tmp_path, RULES, job(), None, book)
    assert not list(letter(tmp_path).iter_attachments()) and "xlsx" not in text(tmp_path)
    book.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 9)
    write_files(package, tmp_path, RULES, job(), None, book)
    (part,) = letter(tmp_path).iter_attachments()
    assert part.get_filename() == book.name and part.get_content() == book.read_bytes() and book.name in text(tmp_path)
    first = (tmp_path / LETTER).read_bytes()
    write_files(package, tmp_path, RULES, job(), None, book)
    assert (tmp_path / LETTER).read_bytes() == first, "two letters of one package differ"
    small = RuleSet(
        **{name: getattr(RULES, name) for name in RuleSet.__slots__ if name != "tables"},
        tables={
            **RULES.tables,
            "corrections": {
                **RULES.tables["corrections"],
                "limits": {**RULES.tables["corrections"]["limits"], "attached_megabytes": 0},
            },
        },
    )
    write_files(package, tmp_path, small, job(), None, book)
    assert not list(letter(tmp_path).iter_attachments()) and "too large" in text(tmp_path)


def test_a_library_without_findings_is_told_so(tmp_path: Path) -> None:
    tally = write_files(Package("NKU", ()), tmp_path, RULES, job("both"))
    assert "nothing for your library" in text(tmp_path) and "没有需要" in text(tmp_path)
    assert tally.deletes == 0 and read_csv(tmp_path / CORRECTIONS) == [] == read_csv(tmp_path / KEEP)


def test_kept_records_say_how_many_are_merged_into_them(tmp_path: Path) -> None:
    others = (line("NKU/a"), line("TJU/a", responsible="TJU"))
    both = known(original("NKU/k1", "k1"), original("NKU/a", "a"), original("TJU/a", "a"))
    write_files(Package("NKU", (replace(KEPT, title="=三体"), *others)), tmp_path, RULES, job(), both)
    (row,) = read_csv(tmp_path / KEEP)
    assert row == {
        "group_id": "G1",
        "record_id": "NKU/k1",
        "source": "NKU",
        "control": "k1",
        "control_is_unique": "1",
    } | {
        "merged": "2",
        "proposal": "",
        "title": "=三体",
    }
    first, second = read_csv(tmp_path / REDIRECTS)
    assert (first["deleted_control"], first["kept_control"], first["deleted_source_numbers"]) == ("a", "k1", "CAL1")
    assert (first["mine"], second["mine"]) == ("1", "0")


def test_a_finding_left_over_from_last_month_is_redirected_and_counted_once(tmp_path: Path) -> None:
    left = (line("NKU/a", part=Part.OPEN), line("NKU/b", part=Part.OPEN, group_id="G0", key="G0|NKU/b"))
    write_files(Package("NKU", (KEPT, line("NKU/a"), *left)), tmp_path, RULES, job())
    assert [row["deleted_record"] for row in read_csv(tmp_path / REDIRECTS)] == ["NKU/a", "NKU/b"]
    assert [row["merged"] for row in read_csv(tmp_path / KEEP)] == ["1"]
    assert len(read_csv(tmp_path / "corrections.csv")) == 4
