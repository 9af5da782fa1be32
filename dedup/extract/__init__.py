"""Parts of a finished run for other programs: tables as Parquet or CSV, records as they stand in their source files."""

from __future__ import annotations

from dedup.extract.choice import Choice, What
from dedup.extract.originals import Extracted, LeftOut, write_marc
from dedup.extract.tables import Form, write_tables

__all__ = ["Choice", "Extracted", "Form", "LeftOut", "What", "write_marc", "write_tables"]
