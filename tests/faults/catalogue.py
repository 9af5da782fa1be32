"""A small catalogue in two states, run by processes that can be killed, and what is to be held against each other."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dedup import pipeline, store
from dedup.journal import read_journal
from dedup.lock import journal_of

ROOT = Path(__file__).parent.parent.parent
MARC = ROOT / "fixtures" / "marc"
COMMAND = (sys.executable, str(ROOT / "cli.py"))
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1"}
STAGES = ("", *(name for name, _ in pipeline.STAGES), "packages", "finish")
"""As the journal names them; '' is the beginning."""
BEFORE, AFTER = "2024-08", "2024-09"
Result = subprocess.CompletedProcess[str]
# What a run leaves that people or the next run build on; `entered` and the like are times.
_TABLES = {
    "record": "record_id, fingerprint",
    "member": "*",
    "judged": '* EXCLUDE ("left", "right")',
    "reported": "*",
    "history": "*",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with an input in a state, a database and results."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "c.duckdb"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def marc(self) -> Path:
        return self.folder / "marc"

    def words(self, period: str, *more: object, reports: bool = False) -> list[str]:
        """The command line of a run."""
        given = ("run", self.marc, "--db", self.database, "--out", self.out, "--period", period, *more)
        return [*COMMAND, *map(str, given), *(() if reports else ("--no-reports",))]

    def run(self, period: str, *more: object, reports: bool = False, **how: object) -> Result:
        """One run to its end."""
        return finish(self.words(period, *more, reports=reports), **how)

    def state(self) -> tuple[str, str]:
        """What database and data files hold, as two hashes; '' for nothing."""
        return database_state(self.database), results_state(self.out)

    def next_month(self) -> None:
        """Change the input: one library withdraws, one changes a record, one brings what another has."""
        (self.marc / "WSU.mrc").unlink()
        whole = (self.marc / "BLU.iso").read_bytes()
        records = whole.split(b"\x1d")[:-1]
        (self.marc / "BLU.iso").write_bytes(b"\x1d".join(records[2:]) + b"\x1d")
        (self.marc / "NEW.iso").write_bytes(b"\x1d".join(records[:9]) + b"\x1d")


def finish(words: list[str], **how: object) -> Result:
    """A command to its end."""
    given = {"env": ENVIRONMENT, "timeout": 240, "encoding": "utf-8", "errors": "replace", **how}
    return subprocess.run(words, capture_output=True, **given)  # type: ignore[call-overload,no-any-return]


def first_state(folder: Path) -> Place:
    """A catalogue nobody has run yet, of four libraries."""
    place = Place(folder)
    place.marc.mkdir(parents=True)
    for name in ("BLU.iso", "QSU.iso", "WSU.mrc", "LTU.iso"):
        shutil.copy(MARC / name, place.marc / name)
    return place


def copied(base: Place, folder: Path) -> Place:
    """The same in another folder, which can be spoilt."""
    shutil.copytree(base.folder, folder, dirs_exist_ok=True)
    return Place(folder)


def database_state(path: Path) -> str:
    """Hashes over what the database holds, table by table."""
    if not path.exists() and not journal_of(path).exists():
        return ""
    try:
        engine = store.opened(path)
    except store.StoreError as error:
        assert "no such file" in str(error), error
        return ""
    said = []
    try:
        for table, columns in _TABLES.items():
            rows = engine.read(f"SELECT {columns} FROM {table} ORDER BY ALL").to_pylist()
            said.append(f"{table} {len(rows)} {hashlib.sha256(str(rows).encode()).hexdigest()[:8]}")
    finally:
        engine.close()
    return ", ".join(said)


def results_state(out: Path) -> str:
    """A hash over the bytes of all data files but summary.json, which holds seconds."""
    files = sorted(path for path in (out / "data").rglob("*") if path.is_file() and path.name != "summary.json")
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(out)} ".encode() + path.read_bytes())
    return digest.hexdigest()[:16] if files else ""


@dataclass(slots=True)
class Started:
    """A command at work in a session of its own."""

    process: subprocess.Popen[str]
    database: Path

    def reached(self, stage: str, seconds: float = 180) -> bool:
        """Wait for the journal to name a stage or a later one ('': any); False if the process ends before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            left = read_journal(journal_of(self.database))
            if (
                left is not None
                and left.process == str(self.process.pid)
                and STAGES.index(left.stage) >= STAGES.index(stage)
            ):
                return True
            time.sleep(0.001)
        return False

    def kill(self) -> int:
        """Kill this process alone, as `kill -9 PID` does. Returns its exit code."""
        self.process.kill()
        return self.process.wait()

    def family(self) -> set[int]:
        """All processes of its session that are alive."""
        return set(_session(self.process.pid))

    def alone(self, seconds: float = 20) -> bool:
        """Wait until no process of its session is left."""
        end = time.monotonic() + seconds
        while (left := self.family()) and time.monotonic() < end:
            time.sleep(0.02)
        return not left


def started(words: list[str], database: Path) -> Started:
    """Start a command without waiting for it."""
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    return Started(process, database)


def _session(leader: int) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                said = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(said[3]) == leader and said[0] != "Z":
                    yield int(folder.name)


def wait_until(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Look again and again."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def leftovers(place: Place) -> list[str]:
    """What lies about that only a run at work may have."""
    known = {"c.duckdb", "c.duckdb.lock", "out", "marc"}
    beside = [path.name for path in place.folder.iterdir() if path.name not in known]
    inside = [path.name for path in place.out.iterdir() if path.name.startswith(".")] if place.out.exists() else []
    return sorted(beside + [name for name in inside if name != ".made.tsv"])
