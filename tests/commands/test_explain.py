from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dedup import store
from dedup.commands import dedup as program
from dedup.commands.explained import described
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError, StoreError
from dedup.explain import Explanation, as_dict, explain, place_of
from dedup.explain.keys import asked_keys
from dedup.explain.model import Fields
from dedup.model import Verdict
from dedup.rulebook import read_legend
from dedup.rules import load_rules
from dedup.stages.blocking import read_blocking
from tests.commands.conftest import Result

RULES = load_rules()
LEGEND = read_legend(RULES)
PAGE = Path(__file__).parent.parent.parent / "docs" / "explain.md"
Cli = Callable[..., Result]
First = tuple[Path, Result]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def engine(first: First) -> Iterator[DuckEngine]:
    """The database of the run over the small catalogue, to read only."""
    opened = store.opened(first[0] / "c.duckdb", 2)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def told(first: First, engine: DuckEngine, marc: Path) -> dict[tuple[str, str], Explanation]:
    """Explanations of every pair of pairs.csv and of every expected pair."""
    listed = [*rows(first[0] / "out" / "data" / "pairs.csv"), *rows(marc.parent / "expected" / "pairs.csv")]
    pairs = {(row["left"], row["right"]) for row in listed}
    assert len(pairs) > 100
    return {pair: explain(engine, RULES, pair) for pair in sorted(pairs)}


def test_every_explanation_is_what_the_run_stored_and_wrote(
    first: First, told: dict[tuple[str, str], Explanation]
) -> None:
    """One test, so that one worker makes the explanations once."""
    data = first[0] / "out" / "data"
    assert sum(one.stored is not None for one in told.values()) > 100
    for one in told.values():
        assert not one.differences and not one.rules_changed, (one.left.record_id, one.right.record_id)
        assert all(condition.outcome in condition.allowed for condition in one.conditions)
        ranked = one.decision.verdict is not Verdict.DIFFERENT
        assert one.decision.score == pytest.approx(one.logistic if ranked else 0.0, abs=1e-4)
    for row in rows(data / "pairs.csv"):
        agrees_with_pairs(told[row["left"], row["right"]], row)
    groups = {(row["group_id"], row["record_id"]): row for row in rows(data / "groups.csv")}
    assert sum(agrees_with_groups(one, groups) for one in told.values()) > 100


def agrees_with_pairs(one: Explanation, row: dict[str, str]) -> None:
    """What is said of a pair is its row of pairs.csv."""
    assert one.stored is not None and one.verdict == row["verdict"]
    assert one.decision.score == pytest.approx(float(row["score"]), abs=5e-5)
    if one.stored.refused:
        assert row["veto"] == one.stored.refused_veto and all(name in row["reason"] for name in one.stored.refused)
    else:
        said = (one.decision.cause, one.decision.secondary, one.decision.veto, one.decision.reason)
        assert said == (row["cause"], row["secondary"], row["veto"], row["reason"])


def agrees_with_groups(one: Explanation, groups: dict[tuple[str, str], dict[str, str]]) -> int:
    """Groups and corrections of a pair are those of groups.csv; how many rows were looked at."""
    seen = 0
    for group in one.groups:
        for side, inside in ((one.left, group.left), (one.right, group.right)):
            row = groups.get((group.group_id, side.record_id))
            assert inside == (row is not None)
            if row is not None:
                seen += 1
                assert (group.cause, group.secondary, group.flags) == (row["cause"], row["secondary"], row["flags"])
                said = [f.correction.zh for f in one.findings if not f.library and f.record_id == side.record_id]
                assert row["correction_zh"] in said
    return seen


def test_a_rule_that_proposed_a_pair_shares_every_part_of_its_key(engine: DuckEngine) -> None:
    """The plain keys of an explanation against the hashes of the run."""
    records = {row["rid"]: row for row in engine.read("SELECT * FROM record").to_pylist()}
    pairs = engine.read('SELECT "left", "right", rules FROM pair').to_pylist()
    crowded = set(engine.read("SELECT rule FROM dropped_key")["rule"].to_pylist())
    assert len(pairs) > 100
    for pair in pairs:
        both = (records[pair["left"]], records[pair["right"]])
        made = asked_keys(read_blocking(RULES), LEGEND, both, pair["rules"])
        assert not any(keys.missing for keys in made if keys.proposed), both
        assert {keys.rule for keys in made if not keys.missing and not keys.proposed} <= crowded, both


def test_a_pair_that_no_rule_proposed_is_compared_all_the_same_the_nearest_rule_first(engine: DuckEngine) -> None:
    one = explain(engine, RULES, ("BLU/b2001", "MYU/m6001"))
    assert one.stored is None and not one.proposed and not one.differences
    assert one.decision.verdict is Verdict.DIFFERENT and len(one.answers) > 60
    missing = [keys.missing for keys in one.blocking]
    assert missing == sorted(missing) and missing[0] > 0


@pytest.mark.parametrize("pair", [("a1001", "b2001"), ("MYU/m6001", "b2003"), ("BLU/b2003", "LTU/l4005")])
def test_the_order_of_the_two_records_does_not_matter(pair: tuple[str, str], engine: DuckEngine) -> None:
    turned = explain(engine, RULES, (pair[1], pair[0]))
    assert as_dict(turned, LEGEND) == as_dict(explain(engine, RULES, pair), LEGEND)


def test_a_refused_merge_is_to_be_reviewed_and_names_the_two_records_that_forbade_it(
    first: First, tmp_path: Path
) -> None:
    shutil.copy(first[0] / "c.duckdb", tmp_path / "c.duckdb")
    writing = DuckEngine(tmp_path / "c.duckdb", 2)
    ends = "(SELECT rid FROM record WHERE record_id = '{}')"
    low, high, other = (ends.format(name) for name in ("BLU/b2001", "QSU/a1001", "YHU/y3001"))
    writing.sql(
        "conflict",
        f'SELECT least({low}, {high}) AS "left", greatest({low}, {high}) AS "right", {low} AS because_left, '
        f"{other} AS because_right, 'edition' AS veto",
    )
    writing.close()
    engine = store.opened(tmp_path / "c.duckdb")
    try:
        one = explain(engine, RULES, ("a1001", "b2001"))
    finally:
        engine.close()
    assert one.verdict is Verdict.REVIEW and one.decision.verdict is Verdict.SAME and not one.differences
    assert one.stored is not None and one.stored.refused == ("BLU/b2001", "YHU/y3001")
    text = described(one, RULES, "en")
    assert "Decision: needs the book in hand (review)" in text
    assert "the merge was refused, because BLU/b2001 and YHU/y3001 differ: another edition (edition)" in " ".join(
        text.split()
    )


def test_a_control_number_that_one_record_has_names_it(engine: DuckEngine) -> None:
    assert place_of(engine, "b2001") == place_of(engine, "BLU/b2001") == place_of(engine, " b2001 ")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("b20001", "b2001"), "did you mean 'b2001'"),
        (("BLU/b2OO1", "b2001"), "did you mean 'BLU/b2"),
        (("b2001", "BLU/b2001"), "one record, twice"),
        (("", "b2001"), "no such record"),
        (("nothing like it", "b2001"), "groups.csv"),
    ],
)
def test_a_record_that_is_not_there_is_told_with_near_ones(
    engine: DuckEngine, names: tuple[str, str], says: str
) -> None:
    with pytest.raises(InputError) as error:
        explain(engine, RULES, names)
    assert says in str(error.value)


def test_a_control_number_in_two_sources_asks_for_the_record_id(marc: Path, dedup: Cli, tmp_path: Path) -> None:
    for name in ("ONE.iso", "TWO.iso"):
        (tmp_path / "in").mkdir(exist_ok=True)
        shutil.copy(marc / "BLU.iso", tmp_path / "in" / name)
    database = tmp_path / "c.duckdb"
    assert dedup("run", tmp_path / "in", "--db", database, "--out", tmp_path / "out").returncode == 0
    twice = dedup("explain", "b2001", "b2002", "--db", database)
    assert twice.returncode == 2 and "ONE/b2001, TWO/b2001" in twice.stderr and twice.stdout == ""
    engine = store.opened(database)
    try:
        assert explain(engine, RULES, ("ONE/b2001", "TWO/b2001")).left.fields is Fields.READ
        data = (tmp_path / "in" / "ONE.iso").read_bytes()
        (tmp_path / "in" / "ONE.iso").write_bytes(data.replace("追风筝的人".encode(), "追风筝之人".encode(), 1))
        (tmp_path / "in" / "TWO.iso").unlink()
        after = explain(engine, RULES, ("ONE/b2001", "TWO/b2001"))
        assert (after.left.fields, after.right.fields) == (Fields.CHANGED, Fields.GONE)
        assert after.left.marc == after.right.marc == () and not after.differences
    finally:
        engine.close()


def test_the_marc_fields_stand_side_by_side(first: First) -> None:
    words = ["explain", "a1001", "b2001", "--db", str(first[0] / "c.duckdb"), "--lang", "en"]
    text = CliRunner().invoke(program, words).stdout
    assert "978-7-208-06164-4" in text and "$a7-208-06164-5" in text and "title as typed" in text
    assert (
        text.index("Decision: ") < text.index("Records:") < text.index("Every comparison:") < text.index("MARC fields:")
    )


def test_the_answer_comes_in_the_language_of_the_console_and_an_option_wins(first: First) -> None:
    words = ["explain", "a1001", "b2001", "--db", str(first[0] / "c.duckdb")]
    chinese = CliRunner().invoke(program, words, env={"LC_ALL": "zh_CN.UTF-8"})
    assert chinese.exit_code == 0 and "结论: 重复，应合并 (same)" in chinese.stdout
    english = CliRunner().invoke(program, [*words, "--lang", "en"], env={"LC_ALL": "zh_CN.UTF-8"})
    assert "Decision: the same: merge (same)" in english.stdout and "结论" not in english.stdout


def test_json_holds_the_keys_that_the_documentation_names(first: First) -> None:
    words = ["explain", "a1001", "b2001", "--db", str(first[0] / "c.duckdb"), "--format", "json"]
    result = CliRunner().invoke(program, words)
    assert result.exit_code == 0 and result.stderr == ""
    found: dict[str, Any] = json.loads(result.stdout)
    named = [line.split("|")[1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [name.strip(" `") for cell in named for name in cell.split(",")] == list(found)
    assert found["agrees_with_stored"] and found["verdict"] == "same" and found["stored"]["cause"] == "D01"


def test_two_may_read_while_somebody_holds_the_database_and_nobody_may_write(
    dedup: Cli, first: First, tmp_path: Path
) -> None:
    database = tmp_path / "kept" / "c.duckdb"
    database.parent.mkdir()
    shutil.copy(first[0] / "c.duckdb", database)
    words = ["explain", "a1001", "b2001", "--db", str(database), "--format", "json"]
    command = [sys.executable, "-c", "from dedup.commands import main; main()", *words]
    with store.locked(database):
        before = sorted(database.parent.iterdir())
        database.parent.chmod(0o555)
        database.chmod(0o444)
        try:
            held = store.opened(database)
            running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") for _ in "12"]
            said = [process.communicate(timeout=120)[0] for process in running]
            held.close()
        finally:
            database.parent.chmod(0o755)
        assert [process.returncode for process in running] == [0, 0]
        assert said[0] == said[1] and json.loads(said[0])["verdict"] == "same"
        assert sorted(database.parent.iterdir()) == before


def test_rules_that_changed_since_the_run_are_told(dedup: Cli, first: First, tmp_path: Path) -> None:
    shutil.copytree(RULES.root, tmp_path / "rules")
    policy = tmp_path / "rules" / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(
        text.replace('id = "D09.identical"\nverdict = "same"', 'id = "D09.identical"\nverdict = "review"')
    )
    words = ("explain", "a1001", "b2001", "--db", first[0] / "c.duckdb")
    result = dedup("--rules", tmp_path / "rules", *words, "--lang", "en")
    assert result.returncode == 0, result.stderr
    assert "the rule tables have changed since the run" in result.stdout
    assert "Verdict: stored same, now review" in result.stdout


def test_the_configuration_of_the_run_is_taken_up_again(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("BLU.iso", "QSU.iso"):
        shutil.copy(marc / name, tmp_path / "in" / name)
    (tmp_path / "in" / "dedup.toml").write_text('[policy.verdict]\n"D09.identical" = "review"\n', encoding="utf-8")
    database = tmp_path / "c.duckdb"
    ran = dedup("run", tmp_path / "in", "--db", database, "--out", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    result = dedup("explain", "a1001", "b2001", "--db", database, "--format", "json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["verdict"] == "review" and found["agrees_with_stored"] and not found["rules_changed"]


def test_a_console_that_knows_no_chinese_still_gets_an_answer(dedup: Cli, first: First) -> None:
    words = ("explain", "a1001", "b2001", "--db", first[0] / "c.duckdb", "--lang", "zh")
    for encoding in ("gbk", "ascii"):
        result = dedup(*words, PYTHONUTF8="0", PYTHONIOENCODING=encoding, NO_COLOR="1")
        assert result.returncode == 0 and "\x1b" not in result.stdout and "D09.identical" in result.stdout


def test_a_database_without_the_tables_of_this_version_is_told(tmp_path: Path, first: First) -> None:
    with store.building(tmp_path / "c.duckdb", 1) as old:
        old.sql("record", "SELECT 1 AS rid")
    engine = store.opened(tmp_path / "c.duckdb")
    try:
        with pytest.raises(StoreError, match="repeat `dedup run`"):
            explain(engine, RULES, ("a", "b"))
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explain", "a1001"], "RIGHT"),
        (["explain", "a1001", "b2001", "--db", "none.duckdb"], "start with `dedup run`"),
        (["explain", "a1001", "b2001", "--db", "README.md"], "README.md"),
        (["explain", "a1001", "b2001", "--format", "pdf"], "pdf"),
    ],
)
def test_an_error_is_one_clear_line(dedup: Cli, words: list[str], says: str) -> None:
    result = dedup(*words)
    assert result.returncode == 2 and says in result.stderr and result.stdout == "" and "Traceback" not in result.stderr
