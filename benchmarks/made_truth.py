"""Compare the groups of a run over a made catalogue with the truth told when it was made."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

Pair = tuple[str, str]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def _pair(left: str, right: str) -> Pair:
    return (left, right) if left < right else (right, left)


def _grouped(data: Path) -> tuple[dict[Pair, str], dict[Pair, str]]:
    """Pairs inside one `same` group, and inside one other group, each with its group's cause."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in _rows(data / "groups.csv"):
        groups[row["group_id"], row["verdict"], row["cause"]].append(row["record_id"])
    same: dict[Pair, str] = {}
    for (_, verdict, cause), members in groups.items():
        if verdict == "same":
            same.update((_pair(a, b), cause) for a, b in combinations(members, 2))
    judged = {_pair(row["left"], row["right"]): row["verdict"] for row in _rows(data / "pairs.csv")}
    return same, judged


def _write_disagreements(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("left", "right", "truth", "cause", "kind", "found"))
        writer.writerows(sorted(rows))


def _wrong_merges(same: dict[Pair, str], told: dict[Pair, dict[str, str]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for pair in same:
        row = told.get(pair, {"verdict": "different", "cause": "", "kind": "unrelated books"})
        if row["verdict"] != "same":
            rows.append((*pair, row["verdict"], row["cause"], row["kind"], "same"))
    return rows


def compare_run(truth: Path, data: Path, out: Path) -> dict[str, Any]:
    """Precision and recall of `same` groups, recall by kind of story, causes right, wrong merges by kind.

    `truth` is DIR/truth of make_records.py, `data` the `data` folder of a run; every disagreement is written to `out`.
    """
    told = {_pair(row["left"], row["right"]): row for row in _rows(truth / "truth_pairs.csv")}
    same, judged = _grouped(data)
    junk = {row["record_id"] for row in _rows(data / "junk.csv")}
    rows = _wrong_merges(same, told)
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    for pair, row in told.items():
        name = f"{row['verdict']} {row['cause'] or row['kind']}"
        verdict = "same" if pair in same else "junk" if junk & set(pair) else judged.get(pair, "different")
        asked[name] += 1
        right = verdict != "same" if row["verdict"] == "different" else verdict == row["verdict"]
        found[name] += right
        if row["verdict"] == "same" and right:
            causes[f"{row['cause']} -> {same[pair]}"] += 1
        if not right and verdict != "same":
            rows.append((*pair, row["verdict"], row["cause"], row["kind"], verdict))
    _write_disagreements(out, rows)
    wrong = [row for row in rows if row[5] == "same"]
    hits = len(same) - len(wrong)
    expected = sum(row["verdict"] == "same" for row in told.values())
    precision = hits / len(same) if same else 1.0
    recall = hits / expected if expected else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    figures = {"pairs": len(told), "precision": precision, "recall": recall, "f1": f1}
    counts = {"wrong": len(wrong), "missed": expected - hits, "wrong_by_kind": dict(Counter(row[4] for row in wrong))}
    verdicts = {name: f"{found[name]} of {asked[name]}" for name in sorted(asked)}
    return {**figures, **counts, "verdicts": verdicts, "causes": dict(sorted(causes.items()))}
