"""The views of a finished database, for people's own queries: readable columns, stable names."""

from __future__ import annotations

import pyarrow as pa

from dedup.tables.shape import FLAG, I16, I32, TEXT, schema

RECORD_VIEW = schema(
    ("record_id", TEXT, "SOURCE/CONTROL"),
    ("source", TEXT, "code of the source"),
    ("library", TEXT, "codes of the libraries that hold it, joined by ;, else the library of its source"),
    ("format", TEXT, "marc21, cnmarc, unimarc"),
    ("title", TEXT, "title as typed"),
    ("responsibility", TEXT, "statement of responsibility as typed"),
    ("edition", TEXT, "edition statement, folded"),
    ("publisher", TEXT, "publishers, aliases resolved, joined by ;"),
    ("year", I16, "year of publication"),
    ("pages", I32, "last page, or leaves"),
    ("statement", TEXT, "edition, imprint and extent as typed"),
    ("isbn", TEXT, "every ISBN as typed, joined by ;"),
    ("isbn13", TEXT, "the valid ISBNs of the record itself with 13 digits, joined by ;"),
    ("languages", TEXT, "languages of the text, joined by ;"),
    ("carrier", TEXT, "print, online, disc, microform, ..."),
    ("level", TEXT, "single, volume, range, set"),
    ("volume", TEXT, "volume designation, or from-to"),
    ("series", TEXT, "series titles as typed, joined by ;"),
    ("call_numbers", TEXT, "call numbers of its items, joined by ;"),
    ("items", I32, "how many items it has"),
    ("junk", TEXT, "J01 to J09 of a record without a usable title"),
    ("faults", TEXT, "codes of the faults inside it (Q..), joined by ;"),
    ("file", TEXT, "file below the source in which it stands"),
    ("encoding", TEXT, "encoding in which it was read"),
)

GROUP_VIEW = schema(
    ("group_id", TEXT, "stable id of the group"),
    ("verdict", TEXT, "same, structure, repair, review"),
    ("cause", TEXT, "code of the cause, D.."),
    ("secondary", TEXT, "codes of further causes, joined by ;"),
    ("flags", TEXT, "facts that go with any cause, joined by ;"),
    ("record_id", TEXT, "a record of the group"),
    ("keep", FLAG, "the record to keep: one of every group of duplicates"),
    ("confidence", pa.float32(), "weakest link that holds the group together, 0 to 1"),
    ("library", TEXT, "libraries that hold the record, joined by ;"),
    ("reason", TEXT, "why it is in the group, in both languages"),
    ("responsible", TEXT, "who made the records at fault, joined by ;"),
    ("action", TEXT, "keep, merge, move, delete, correct, relevel, leave, ask"),
    ("correction_zh", TEXT, "what to do with the record, in Chinese"),
    ("correction_en", TEXT, "what to do with the record, in English"),
    ("title", TEXT, "title as typed"),
)

FINDING_VIEW = schema(
    ("library", TEXT, "who has to act"),
    ("group_id", TEXT, "the group"),
    ("verdict", TEXT, "same, structure, repair, review"),
    ("cause", TEXT, "code of the cause, D.."),
    ("record_id", TEXT, "the record to act on"),
    ("action", TEXT, "keep, merge, move, delete, correct, relevel, leave, ask"),
    ("correction_zh", TEXT, "what to do, in Chinese"),
    ("correction_en", TEXT, "what to do, in English"),
)

PAIR_VIEW = schema(
    ("left", TEXT, "record id, the smaller"),
    ("right", TEXT, "record id, the larger"),
    ("verdict", TEXT, "same, structure, repair, junk, different, review; review where the merge was refused"),
    ("cause", TEXT, "code of the cause, D.."),
    ("secondary", TEXT, "codes of further causes, joined by ;"),
    ("score", pa.float32(), "0 to 1, ranks inside a verdict"),
    ("row", TEXT, "row of the policy that decided; judged = people did"),
    ("veto", TEXT, "what keeps the two apart"),
    ("reason", TEXT, "why, in both languages"),
    ("because_left", TEXT, "of a refused merge: the record that stands against it"),
    ("because_right", TEXT, "of a refused merge: the other record that it must not meet"),
)

VIEWS = {
    "record_view": (RECORD_VIEW, "One row a record: what the catalogue says of it, ready to read."),
    "group_view": (GROUP_VIEW, "One row a record in a group: what it is there, and what becomes of it."),
    "finding_view": (FINDING_VIEW, "One row for every thing that a library has to act on, as in findings.csv."),
    "pair_view": (PAIR_VIEW, "One row a judged pair that is no lawful difference, or that a veto keeps apart."),
}
"""Name of a view -> its columns, and what a row of it is."""
