"""A check from beginning to end: read, find candidates, judge, tell."""

from __future__ import annotations

import tempfile
from pathlib import Path

from dedup import store
from dedup.check import candidates, facts, fresh
from dedup.check.attached import told_of
from dedup.check.findings import Teller
from dedup.check.matching import match
from dedup.check.model import Catalogue, Result
from dedup.config import Config
from dedup.rules import RuleSet
from dedup.stages.context import Context, Progress


def judged(
    inputs: tuple[Path, ...],
    database: Path | None,
    rules: RuleSet,
    config: Config,
    threads: int,
    progress: Progress,
) -> Result:
    """As `dedup.check.check`, which says what is given and raised."""
    with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
        scratch = Path(folder)
        engine = store.beside(database, threads, scratch / "spill")
        try:
            context = Context(engine, rules, config, inputs, scratch, scratch, progress, threads)
            return _judged(context, database)
        finally:
            engine.close()


def _judged(context: Context, database: Path | None) -> Result:
    engine, rules = context.engine, context.rules
    new = fresh.read(context, database is not None)
    candidates.find(engine, rules, new.first, database is not None)
    match(context, new.first, database is not None)
    teller = Teller(facts.gather(engine, rules, new.first, database is not None), rules, new.first)
    return Result(
        records=new.records,
        files=new.files,
        findings=tuple(teller.findings()),
        updates=tuple(teller.updates()),
        catalogue=None if database is None else Catalogue(database.as_posix(), *told_of(engine, rules)),
        rules_sha256=rules.sha256,
    )
