"""What of a run is wanted: which of its views, and of which library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dedup.engine.base import Engine
from dedup.errors import InputError, StoreError, nearest, problem
from dedup.tables import VIEWS


class What(StrEnum):
    """What a row, or a record, is wanted for."""

    RECORDS = "records"
    GROUPS = "groups"
    FINDINGS = "findings"
    PAIRS = "pairs"


_VIEW = {
    What.RECORDS: "record_view",
    What.GROUPS: "group_view",
    What.FINDINGS: "finding_view",
    What.PAIRS: "pair_view",
}
_ORDER = {
    What.RECORDS: "record_id",
    What.GROUPS: "group_id, record_id",
    What.FINDINGS: "library, group_id, record_id, action",
    What.PAIRS: '"left", "right"',
}
# A library's share: its records; the whole of groups and pairs that hold one of them; the findings it has to act on.
_HELD = "SELECT record_id FROM record_view WHERE list_contains(string_split(library, ';'), $library)"
_SHARE = {
    What.RECORDS: f"record_id IN ({_HELD})",
    What.GROUPS: f"group_id IN (SELECT group_id FROM group_view WHERE record_id IN ({_HELD}))",
    What.FINDINGS: "library = $library",
    What.PAIRS: f'"left" IN ({_HELD}) OR "right" IN ({_HELD})',
}
_NAMED = {
    What.RECORDS: "SELECT record_id FROM ({})",
    What.GROUPS: "SELECT record_id FROM ({})",
    What.FINDINGS: "SELECT record_id FROM ({})",
    What.PAIRS: 'SELECT "left" AS record_id FROM ({0}) UNION SELECT "right" FROM ({0})',
}
_LIBRARIES = """
SELECT DISTINCT unnest(list_append(libraries, s.library)) AS library FROM record r JOIN source s ON s.source = r.source
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted, of one library or ('') of all."""

    what: What
    library: str = ""

    @property
    def parameters(self) -> dict[str, object]:
        """What the queries are bound to."""
        return {"library": self.library} if self.library else {}

    @property
    def rows(self) -> str:
        """A query for the rows of the view, in their order."""
        return f"{self._chosen} ORDER BY {_ORDER[self.what]}"

    @property
    def records(self) -> str:
        """A query for the ids of the records that the rows speak of; a record may come twice."""
        if self.what is What.RECORDS and self.library:
            return _HELD
        return _NAMED[self.what].format(self._chosen)

    @property
    def _chosen(self) -> str:
        where = _SHARE[self.what] if self.library else "true"
        return f"SELECT * FROM {_VIEW[self.what]} WHERE {where}"


def check(engine: Engine, choice: Choice) -> None:
    """Raises StoreError for a database without views, InputError for a library that nobody knows."""
    query = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    if missing := sorted(set(VIEWS) - set(engine.read(query)["view_name"].to_pylist())):
        found = f"no view {missing[0]}"
        raise StoreError(problem("database", found, "one that this version made", "repeat `dedup run`"))
    if not choice.library:
        return
    known = sorted(filter(None, engine.read(_LIBRARIES)["library"].to_pylist()))
    if choice.library not in known:
        remedy = nearest(choice.library, known) or "see summary.json for the libraries of a run"
        raise InputError(problem("--library", repr(choice.library), "a library of the catalogue", remedy))
