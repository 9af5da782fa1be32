"""How long the people's part of a run takes: workbooks, pages, letters and files of very many libraries.

Usage: python benchmarks/packages.py [--libraries 1000] [--groups 50] [--threads 2] [--results DIR] [--work DIR]

Makes one shared catalogue in which every library holds records of so many groups of duplicates (each group held by two
libraries), finds them with `dedup run --no-reports`, and times `write_reports` alone in a process of its own, whose
memory is sampled, its workers' too. Memory is flat when the last tenth of the work needs no more than the first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pymarc

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

_CLI = [sys.executable, str(ROOT / "cli.py")]
_PERIOD = "2026-03"
_EVERY = 0.25
_WORDS = ["算法", "数据", "结构", "系统", "网络", "历史", "经济", "文学", "哲学", "艺术"]
_WORDS += ["工程", "化学", "物理", "生物", "地理", "教育", "管理", "法律", "统计", "语言"]
_ENDS = ["导论", "概论", "原理", "基础", "教程", "研究", "手册", "史", "学", "方法"]
_NAMES = ["王伟", "李娜", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄婷", "周杰", "吴昊"]
_HOUSES = ["商务印书馆", "高等教育出版社", "科学出版社", "清华大学出版社", "人民文学出版社"]


def _isbn(number: int) -> tuple[str, str]:
    """The two forms of one number: ten and thirteen digits."""
    core = f"7{number:08d}"
    ten = sum((10 - at) * int(digit) for at, digit in enumerate(core))
    check = (11 - ten % 11) % 11
    thirteen = sum((1, 3)[at % 2] * int(digit) for at, digit in enumerate(f"978{core}"))
    return f"{core}{'X' if check == 10 else check}", f"978{core}{(10 - thirteen % 10) % 10}"


def _record(control: str, book: dict[str, str], isbn: str, library: str, barcode: str) -> bytes:
    record = pymarc.Record(leader="00000nam a2200000 a 4500", force_utf8=True)

    def add(tag: str, first: str, second: str, **subfields: str) -> None:
        codes = [pymarc.Subfield(code, value) for code, value in subfields.items()]
        record.add_field(pymarc.Field(tag, pymarc.Indicators(first, second), codes))

    record.add_field(pymarc.Field("001", data=control))
    record.add_field(pymarc.Field("008", data=f"050301s{book['year']}    cc            000 0 chi d"))
    add("020", " ", " ", a=isbn)
    add("245", "1", "0", a=book["title"], c=book["author"])
    add("260", " ", " ", a="北京", b=book["house"], c=book["year"])
    add("300", " ", " ", a=f"{book['pages']}页", c="24cm")
    add("700", "1", " ", a=book["author"])
    add("999", " ", " ", a=f"TP3/{control}", i=barcode, m=library, l="STACKS", u="3/1/2005")
    data: bytes = record.as_marc()
    return data


def catalogue(libraries: int, groups: int) -> Iterator[bytes]:
    """Records of one shared catalogue, two of every book, each held by another library; the same for the same sizes."""
    chance = random.Random(1)
    for number in range(libraries * groups // 2):
        words = chance.sample(_WORDS, 3)
        book = {
            "title": f"{''.join(words)}{chance.choice(_ENDS)}{number:06d}",
            "author": chance.choice(_NAMES),
            "house": chance.choice(_HOUSES),
            "year": str(chance.randrange(1990, 2007)),
            "pages": str(chance.randrange(120, 900)),
        }
        first = number % libraries
        for copy, isbn in enumerate(_isbn(number)):
            library = f"LIB{(first + copy * (1 + number // libraries)) % libraries:04d}"
            yield _record(f"{number:07d}{copy}", book, isbn, library, f"B{number:07d}{copy}")


def _tree_mb(process: psutil.Process) -> float:
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def time_reports(database: Path, out: Path, threads: int) -> None:
    """The work that is timed, in a process of its own: all reports of a database. Prints one line of JSON."""
    from dedup.commands.progress import Line
    from dedup.config import Config
    from dedup.engine.duck import DuckEngine
    from dedup.report.write import write_reports
    from dedup.rules import load_rules
    from dedup.stages.context import Context

    engine = DuckEngine(database, threads)
    scratch = out.with_name("scratch")
    scratch.mkdir()
    progress = Line("packages", sys.stderr.isatty())
    context = Context(engine, load_rules(), Config(), (), scratch, out, progress, threads, _PERIOD)
    begun = time.perf_counter()
    tally = write_reports(context, out, "zh")
    seconds = time.perf_counter() - begun
    engine.close()
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(one.ru_utime + one.ru_stime for one in (own, workers))
    told = {"seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1)}
    print(json.dumps({**told, "libraries": tally.rows_out, "lines": tally.rows_in}))


def measure(libraries: int, groups: int, threads: int, work: Path) -> dict[str, Any]:
    """Make, find, write; figures of the writing. Raises CalledProcessError when a part fails."""
    marc = work / "marc"
    marc.mkdir()
    with (marc / "TALIS.mrc").open("wb") as file:
        file.writelines(catalogue(libraries, groups))
    database, out = work / "made.duckdb", work / "out"
    run = [*_CLI, "run", str(marc), "--db", str(database), "--out", str(work / "data"), "--no-reports"]
    subprocess.run([*run, "--period", _PERIOD, "--threads", str(threads)], check=True)
    command = [sys.executable, __file__, "--timed", str(database), str(out), "--threads", str(threads)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    samples: list[float] = []
    watching = threading.Event()

    def watch() -> None:
        watched = psutil.Process(process.pid)
        while not watching.wait(_EVERY):
            try:
                samples.append(_tree_mb(watched))
            except psutil.NoSuchProcess:
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    told, _ = process.communicate()
    watching.set()
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    files = [path for path in out.rglob("*") if path.is_file()]
    tenth = max(len(samples) // 10, 1)
    return {
        **json.loads(told),
        "groups_per_library": groups,
        "files": len(files),
        "megabytes": round(sum(path.stat().st_size for path in files) / 1e6),
        "peak_mb": round(max(samples)),
        "mb_by_tenths": [round(statistics.median(samples[at : at + tenth])) for at in range(0, tenth * 10, tenth)],
    }


def main() -> None:
    """Read the options, measure, write packages.json."""
    options = argparse.ArgumentParser(description="Speed and memory of the reports of very many libraries.")
    options.add_argument("--libraries", type=int, default=1000)
    options.add_argument("--groups", type=int, default=50)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    options.add_argument("--work", type=Path)
    options.add_argument("--timed", type=Path, nargs=2, metavar=("DB", "OUT"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.timed:
        time_reports(*given.timed, given.threads)
        return
    work = Path(tempfile.mkdtemp(dir=given.work))
    try:
        figures = measure(given.libraries, given.groups, given.threads, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    machine = {"cores": os.cpu_count(), "threads": given.threads, "python": platform.python_version()}
    given.results.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine, **figures}, ensure_ascii=False, indent=2)
    (given.results / "packages.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
