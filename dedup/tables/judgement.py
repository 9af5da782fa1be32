"""What people said of findings, and what becomes of findings from month to month."""

from __future__ import annotations

import pyarrow as pa

from dedup.tables.shape import FLAG, I64, TEXT, TEXTS, schema

JUDGEMENT = schema(
    ("id", TEXT, "hash of what was said, by whom, when and of what: one answer stands in the log once"),
    ("entered", TEXT, "when the reply was read, ISO 8601"),
    ("answered", TEXT, "when the answer was given: the reply was saved then, UTC, ISO 8601; '' = not known"),
    ("by", TEXT, "who says so"),
    ("library", TEXT, "the library that was asked; '' = the centre, or not known"),
    ("period", TEXT, "month of the report that was answered"),
    ("group_id", TEXT, "the finding as it was reported; J for a record without a usable title"),
    ("verdict", TEXT, "model.Verdict of the finding then"),
    ("cause", TEXT, "its code then"),
    ("libraries", TEXTS, "the libraries that had to act then"),
    ("left_record", TEXT, "the record that the answer speaks of"),
    ("right_record", TEXT, "another record of the finding, a row for each; '' when it stood alone"),
    ("answer", TEXT, "merged, corrected, deleted, different, unsure; same, review: `dedup decide`; undo: see `undoes`"),
    ("done_on", TEXT, "day of the work, ISO 8601 where it could be read, else as typed"),
    ("note", TEXT, "remark, as typed"),
    ("left_identity", pa.uint64(), "hash of the identity columns of the record as it was reported (rules/review.toml)"),
    ("right_identity", pa.uint64(), "the same of the other record; null when there is none"),
    ("left_content", pa.uint64(), "fingerprint of the whole record as it was reported"),
    ("right_content", pa.uint64(), "the same of the other record; null when there is none"),
    ("file", TEXT, "name of the file with the reply; '' = decided with `dedup decide`"),
    ("undoes", TEXT, "id of the entry that holds no longer; '' = none"),
)
"""The log: rows are only ever added. What holds is worked out from it by `dedup.stages.answers`."""

REPORTED = schema(
    ("period", TEXT, "month of the report"),
    ("group_id", TEXT, "the finding; J for a record without a usable title"),
    ("record_id", TEXT, "a record of it"),
    ("verdict", TEXT, "model.Verdict of the finding"),
    ("cause", TEXT, "its code; '' when none is known"),
    ("libraries", TEXTS, "the libraries that have to act on this record, sorted"),
    ("identity", pa.uint64(), "hash of the identity columns of the record"),
    ("content", pa.uint64(), "fingerprint of the whole record"),
)

ANSWERED = schema(
    ("group_id", TEXT, "the finding that was judged, as it was reported; J for a record without a usable title"),
    ("rid", I64, "a record of it that was judged to be no duplicate, or one of its partners"),
    ("verdict", TEXT, "model.Verdict of the finding then"),
    ("cause", TEXT, "its code then"),
    ("libraries", TEXTS, "the libraries that had to act then"),
    ("period", TEXT, "month of the report that was answered"),
    ("library", TEXT, "the library that answered; '' = the centre, or not known"),
    ("by", TEXT, "who said so"),
    ("answered", TEXT, "when, ISO 8601; '' = not known"),
    ("note", TEXT, "remark"),
    ("state", TEXT, "standing: not shown again; lapsed: a record was changed since, so the finding is shown again"),
    ("changed", FLAG, "an identity column of this record was changed since"),
    ("now", TEXT, "group in which a lapsed finding is shown again; '' when standing"),
    ("answer", TEXT, "what was said: different, same, review"),
)

OPEN_FINDING = schema(
    ("group_id", TEXT, "the finding as this run shows it; J for a record without a usable title"),
    ("rid", I64, "a record of it"),
    ("library", TEXT, "who was asked to act; '' = the centre, or not known"),
    ("claim", TEXT, "what was said to be done and is not: merged, corrected, deleted; unsure; '' = no answer came"),
    ("by", TEXT, "who said so"),
    ("answered", TEXT, "when, ISO 8601; '' = not known"),
    ("done_on", TEXT, "day of the work as it was told"),
    ("note", TEXT, "remark"),
    ("since", TEXT, "first month in which it was reported, of those still known"),
    ("touched", FLAG, "the record was changed since it was reported: the work was begun, or did not help"),
)

HISTORY = schema(
    ("period", TEXT, "month"),
    ("library", TEXT, "library that has to act; '' = all together, each finding counted once"),
    ("cause", TEXT, "code of the finding; '' when none is known"),
    ("new", I64, "findings that the report before did not have"),
    ("repeated", I64, "findings that it had, too"),
    ("solved", I64, "findings that it had and that are gone"),
    ("answered", I64, "findings that people confirmed to be no duplicates, so that they are not shown again"),
)
