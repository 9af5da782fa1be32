"""What the stages make of records: keys, pairs, verdicts, groups, junk, causes, corrections, faults."""

from __future__ import annotations

import pyarrow as pa

from dedup.tables.shape import FLAG, I8, I32, I64, TEXT, packed, schema

KEY = schema(
    ("rid", I64, "record"),
    ("rule", I8, "position of the blocking rule in blocking.toml"),
    ("key", pa.uint64(), "64-bit hash of the rule and the key"),
)

REFINED_KEY = schema(
    ("rid", I64, "record"),
    ("rule", I8, "position of the blocking rule in blocking.toml"),
    ("key", pa.uint64(), "64-bit hash of the rule and the key, of blocks above the cap"),
    ("refined", pa.uint64(), "64-bit hash of the key with one value of its refinement; null when there is none"),
)

DROPPED_KEY = schema(
    ("rule", TEXT, "id of the blocking rule"),
    ("key", pa.uint64(), "hash of the key"),
    ("size", I64, "records that share it"),
    ("action", TEXT, "refined, windowed"),
    ("pairs", I64, "pairs proposed all the same"),
)

PAIR = schema(
    ("left", I64, "rid, smaller"),
    ("right", I64, "rid, larger"),
    ("rules", I64, "bit set of the blocking rules that proposed the pair"),
)

JUDGED = schema(
    ("left", I64, "rid"),
    ("right", I64, "rid"),
    ("verdict", TEXT, "model.Verdict"),
    ("row", TEXT, "id of the policy row that decided"),
    ("veto", TEXT, "name of the veto, or empty"),
    ("score", pa.float32(), "0 to 1, ranks inside a verdict"),
    ("reason", TEXT, "one sentence"),
)

MEMBER = schema(
    ("group_id", TEXT, "stable id"),
    ("rid", I64, "record"),
    ("verdict", TEXT, "model.Verdict of the group"),
    ("keep", FLAG, "the record to keep"),
    ("confidence", pa.float32(), "weakest edge that holds the group together"),
)

NAMED = schema(
    ("group_id", TEXT, "stable id"),
    ("verdict", TEXT, "model.Verdict of the group"),
    ("record_id", TEXT, "a record of it"),
)
"""The groups as they were called by the last run; outlives runs, so that groups keep their ids."""

REGROUPED = schema(
    ("group_id", TEXT, "a group as it is now"),
    ("was", TEXT, "a group of the run before, of which it has records"),
    ("kind", TEXT, "split: other records of that group are in other groups now; join: others came from other groups"),
    ("verdict", TEXT, "model.Verdict of both"),
    ("records", I64, "records that the two have in common"),
)

CONFLICT = schema(
    ("left", I64, "rid"),
    ("right", I64, "rid"),
    ("because_left", I64, "rid of the record whose veto forbade the merge"),
    ("because_right", I64, "rid of its partner"),
    ("veto", TEXT, "the veto"),
)

JUNK = schema(
    ("rid", I64, "record without a usable title"),
    ("code", TEXT, "J01 to J09"),
    ("situation", TEXT, "which correction holds: rescued, mend, items, empty"),
    ("responsible", TEXT, "who acts: owners of the items joined by ;, else the last agency, else the centre"),
    ("reason", TEXT, "what was found, in both languages"),
    ("correction_zh", TEXT, "what to do, in Chinese"),
    ("correction_en", TEXT, "what to do, in English"),
)

RESCUE = schema(
    ("rid", I64, "record without a usable title"),
    ("record_id", TEXT, "the one good record that its best key leads to"),
    ("rule", TEXT, "the key, see rules/junk.toml"),
)

CAUSE = schema(
    ("left", I64, "rid"),
    ("right", I64, "rid"),
    ("cause", TEXT, "code of the first cause in the order of rules/causes.toml; '' when none is known"),
    ("secondary", TEXT, "codes of the others, joined by ;"),
    ("causes", I32, "set of all causes, see dedup.compare.causes"),
    ("single_search", FLAG, "no ISBN of one record is found by searching for one of the other"),
)

BLAME = schema(
    ("group_id", TEXT, "the group"),
    ("rid", I64, "a record of it"),
    ("at_fault", FLAG, "whoever made this record is to correct it"),
    ("maker", TEXT, "the library that made the record, or the centre"),
    ("template", TEXT, "CODE.situation in rules/causes.toml, or a phrase of it"),
    ("action", TEXT, "keep, merge, correct, relevel, leave, ask"),
)

CORRECTION = packed(
    schema(
        ("group_id", TEXT, "the group"),
        ("rid", I64, "the record to act on"),
        ("library", TEXT, "who acts; '' = the words for all together, as groups.csv shows them"),
        ("action", TEXT, "keep, merge, move, delete, correct, relevel, leave, ask"),
        ("correction_zh", TEXT, "what to do, in Chinese"),
        ("correction_en", TEXT, "what to do, in English"),
    ),
    "zstd",
    "correction_zh",
    "correction_en",
)

FAULT = schema(
    ("rid", I64, "record"),
    ("code", TEXT, "Q.., see rules/causes.toml"),
    ("field", TEXT, "place in the record's own format: 100$a/9-12, 020$a"),
    ("found", TEXT, "what stands there"),
    ("expected", TEXT, "what should, where it is known; of a fault of two records the title of the other"),
    ("other", I64, "rid of the second record of a fault that two show together; null else"),
)
