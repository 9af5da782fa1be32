"""Compare a run over a made catalogue with the truth told when it was made: verdicts, causes, junk, wrong merges."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

Pair = tuple[str, str]
Row = dict[str, str]
UNRELATED: Row = {"verdict": "different", "cause": "", "kind": "unrelated books", "flags": ""}


def _rows(path: Path) -> Iterator[Row]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def _pair(left: str, right: str) -> Pair:
    return (left, right) if left < right else (right, left)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a run says: pairs of one `same` group with its row, judged pairs, junk records."""

    same: dict[Pair, Row]
    judged: dict[Pair, Row]
    junk: dict[str, Row]

    def verdict(self, pair: Pair) -> str:
        """The run's verdict on a pair."""
        if pair in self.same:
            return "same"
        if pair in self.judged:
            return self.judged[pair]["verdict"]
        return "junk" if any(self.junk.get(one, {}).get("rescue_record_id") in pair for one in pair) else "different"

    def cause(self, pair: Pair) -> str:
        """The cause of a pair, or of its group when the pair itself was not judged."""
        own = self.judged.get(pair, {}).get("cause", "")
        return own or self.same.get(pair, {}).get("cause", "")

    def flags(self, pair: Pair) -> set[str]:
        """The flags of a pair's group."""
        return set((self.same.get(pair, {}).get("flags") or "").split(";")) - {""}


def read_run(data: Path) -> Found:
    """The `data` folder of a run."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(data / "groups.csv"):
        if row["verdict"] == "same":
            groups[row["group_id"]].append(row)
    same: dict[Pair, Row] = {}
    for members in groups.values():
        same.update((_pair(a["record_id"], b["record_id"]), a) for a, b in combinations(members, 2))
    judged = {_pair(row["left"], row["right"]): row for row in _rows(data / "pairs.csv")}
    return Found(same, judged, {row["record_id"]: row for row in _rows(data / "junk.csv")})


def right_verdict(truth: str, found: str) -> bool:
    """Whether a verdict answers the truth.

    A lawful pair must not be merged. A pair that needs the book in hand must be neither merged nor passed over; all
    others must be met.
    """
    if truth == "different":
        return found != "same"
    return found not in ("same", "different") if truth == "review" else found == truth


def _verdicts(told: dict[Pair, Row], found: Found) -> dict[str, dict[str, Any]]:
    """Of every verdict told: how many pairs, how many answered rightly, and what the others were called."""
    asked: Counter[str] = Counter()
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for pair, row in told.items():
        asked[row["verdict"]] += 1
        answers[row["verdict"]][found.verdict(pair)] += 1
    out = {}
    for verdict, count in sorted(asked.items()):
        right = sum(number for name, number in answers[verdict].items() if right_verdict(verdict, name))
        out[verdict] = {"pairs": count, "right": right, "recall": _share(right, count), "found": dict(answers[verdict])}
    return out


def _causes(told: dict[Pair, Row], found: Found) -> dict[str, Any]:
    """Of every cause: pairs, those found with the right verdict, and of these the share with the right cause."""
    asked: Counter[str] = Counter()
    met: Counter[str] = Counter()
    named: Counter[str] = Counter()
    confused: Counter[str] = Counter()
    for pair, row in told.items():
        cause = row["cause"]
        if not cause:
            continue
        asked[cause] += 1
        if right_verdict(row["verdict"], found.verdict(pair)):
            met[cause] += 1
            named[cause] += found.cause(pair) == cause
            if found.cause(pair) != cause:
                confused[f"{cause} -> {found.cause(pair) or 'none'} ({row['kind']})"] += 1
    each = {
        cause: {
            "pairs": asked[cause],
            "recall": _share(met[cause], asked[cause]),
            "cause_right": _share(named[cause], met[cause]),
        }
        for cause in sorted(asked)
    }
    right, all_met = named.total(), met.total()
    return {"accuracy": _share(right, all_met), "each": each, "confused": dict(confused.most_common())}


def _kinds(told: dict[Pair, Row], found: Found) -> dict[str, dict[str, Any]]:
    """Of every kind of story: pairs and those answered rightly; of look-alikes also the wrong merges per 10,000."""
    out: dict[str, dict[str, Any]] = {}
    for pair, row in told.items():
        name = f"{row['verdict']} {row['cause']} {row['kind']}".replace("  ", " ")
        one = out.setdefault(name, {"pairs": 0, "right": 0, "merged": 0})
        verdict = found.verdict(pair)
        one["pairs"] += 1
        one["right"] += right_verdict(row["verdict"], verdict)
        one["merged"] += verdict == "same"
    for one in out.values():
        one["merged_per_10000"] = round(10_000 * one["merged"] / one["pairs"], 2)
    return dict(sorted(out.items()))


def _junk(truth: Path, found: Found) -> dict[str, Any]:
    """Precision and recall of junk records, the share with a right code, and of the rescues that exist those found."""
    told = {row["record_id"]: row for row in _rows(truth / "truth_records.csv") if row.get("junk")}
    hits = told.keys() & found.junk.keys()
    coded = sum(found.junk[one]["code"] in told[one]["junk"].split(";") for one in hits)
    rescues = [row for row in told.values() if row["rescue"]]
    rescued = sum(found.junk.get(row["record_id"], {}).get("rescue_record_id") == row["rescue"] for row in rescues)
    missed = Counter(told[one]["junk"] for one in told.keys() - hits)
    return {
        "records": len(told),
        "precision": _share(len(hits), len(found.junk)),
        "recall": _share(len(hits), len(told)),
        "code_right": _share(coded, len(hits)),
        "rescue_found": _share(rescued, len(rescues)),
        "missed": dict(sorted(missed.items())),
        "wrong": sorted(found.junk.keys() - told.keys())[:20],
    }


def _flags(told: dict[Pair, Row], found: Found) -> dict[str, str]:
    """Of every planted flag: how many pairs that were merged have it."""
    met: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for pair, row in told.items():
        if row["verdict"] == "same" and pair in found.same:
            for flag in filter(None, row.get("flags", "").split(";")):
                asked[flag] += 1
                met[flag] += flag in found.flags(pair)
    return {flag: f"{met[flag]} of {asked[flag]}" for flag in sorted(asked)}


def _responsible(told: dict[Pair, Row], data: Path) -> dict[str, str]:
    """Of every cause: in how many pairs the library named for their group is the one that has to correct."""
    named: dict[str, set[str]] = {}
    groups: dict[str, set[str]] = defaultdict(set)
    for row in _rows(data / "groups.csv"):
        groups[row["record_id"]].add(row["group_id"])
        named[row["group_id"]] = set((row.get("responsible") or "").split(";"))
    met: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for (left, right), row in told.items():
        both = groups.get(left, set()) & groups.get(right, set())
        if row.get("responsible") and both:
            asked[row["cause"]] += 1
            met[row["cause"]] += any(row["responsible"] in named[group] for group in both)
    return {cause: f"{met[cause]} of {asked[cause]}" for cause in sorted(asked)}


def _faults(truth: Path, data: Path) -> dict[str, dict[str, Any]]:
    """Of every fault code: how many were planted, the share found, and how many records have it in all."""
    planted = {(row["record_id"], row["code"]) for row in _rows(truth / "truth_faults.csv")}
    listed = {(row["record_id"], row["code"]) for row in _rows(data / "records.csv")}
    asked, everywhere = Counter(code for _, code in planted), Counter(code for _, code in listed)
    met = Counter(code for _, code in planted & listed)
    codes = sorted(asked.keys() | everywhere.keys())
    return {
        code: {"planted": asked[code], "recall": _share(met[code], asked[code]), "listed": everywhere[code]}
        for code in codes
    }


def _disagreements(told: dict[Pair, Row], found: Found) -> Iterator[tuple[str, ...]]:
    for pair in told.keys() | found.same.keys():
        row = told.get(pair, UNRELATED)
        verdict = found.verdict(pair)
        right = right_verdict(row["verdict"], verdict)
        cause = found.cause(pair)
        if right and (not row["cause"] or cause == row["cause"]):
            continue
        judged = found.judged.get(pair, {})
        reason = judged.get("veto") or judged.get("reason", "")
        wrong = "cause" if right else "verdict"
        yield (*pair, row["verdict"], row["cause"], row["kind"], verdict, cause, wrong, reason)


def _write(path: Path, rows: Iterator[tuple[str, ...]]) -> None:
    """Verdicts that are wrong first, by truth, cause and kind; then causes that are."""
    ordered = sorted(rows, key=_urgency)
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        head = ("left", "right", "truth", "cause", "kind", "found", "found_cause", "wrong", "reason")
        writer.writerow(head)
        writer.writerows(ordered)


def _urgency(row: tuple[str, ...]) -> tuple[str, ...]:
    """Wrong verdicts before wrong causes."""
    return ("2" if row[7] == "cause" else "1", *row[2:6], *row)


def compare_run(truth: Path, data: Path, out: Path) -> dict[str, Any]:
    """Precision and recall of `same`, recall of every verdict and cause, junk, flags, wrong merges by kind.

    `truth` is DIR/truth of make_records.py, `data` the `data` folder of a run; every disagreement is written to `out`.
    `refused` counts pairs of one edition that were judged alike and kept apart by a veto in their group.
    """
    told = {_pair(row["left"], row["right"]): row for row in _rows(truth / "truth_pairs.csv")}
    found = read_run(data)
    _write(out, _disagreements(told, found))
    wrong = Counter(told.get(pair, UNRELATED)["kind"] for pair in found.same
                    if told.get(pair, UNRELATED)["verdict"] != "same")  # fmt: skip
    expected = sum(row["verdict"] == "same" for row in told.values())
    hits = len(found.same) - wrong.total()
    precision, recall = _share(hits, len(found.same)), _share(hits, expected)
    both = precision + recall
    lookalikes = sum(row["verdict"] == "different" for row in told.values())
    merged = sum(told.get(pair, {}).get("verdict") == "different" for pair in found.same)
    refused = sum(
        found.judged.get(pair, {}).get("veto", "") != "" and row["verdict"] == "same" for pair, row in told.items()
    )
    return {
        "pairs": len(told),
        "precision": precision,
        "recall": recall,
        "f1": round(2 * precision * recall / both, 6) if both else 0.0,
        "wrong": wrong.total(),
        "missed": expected - hits,
        "wrong_by_kind": dict(sorted(wrong.items())),
        "lookalikes": {"pairs": lookalikes, "merged": merged, "per_10000": round(1e4 * merged / max(1, lookalikes), 2)},
        "refused": refused,
        "verdicts": _verdicts(told, found),
        "causes": _causes(told, found),
        "flags": _flags(told, found),
        "responsible": _responsible(told, data),
        "junk": _junk(truth, found),
        "faults": _faults(truth, data),
        "kinds": _kinds(told, found),
    }
