"""The data contract between stages: every table's Arrow schema, with a line for each column.

Field text. The RECORD columns marked "fields" hold whole MARC fields as text, so that nothing a later
stage may ask for is lost: tag (3), two indicators (blank = space), then each subfield as `0x1F code value`;
several fields are joined by `0x1E` in record order. A control field is its tag followed by its value.
An absent value is the empty string, never null.
"""

from __future__ import annotations

import pyarrow as pa

FIELD_MARK = "\x1e"
SUBFIELD_MARK = "\x1f"


def _schema(*columns: tuple[str, pa.DataType, str]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, metadata={"means": means}) for name, kind, means in columns])


_S = pa.string()
_LS = pa.list_(pa.string())
_LI = pa.list_(pa.int64())
_I8, _I16, _I32, _I64 = pa.int8(), pa.int16(), pa.int32(), pa.int64()
_B = pa.bool_()

ORIGIN = _schema(
    ("source", _S, "code of the source"),
    ("file", _S, "path of the file below the source, with / (an archive's member after a !)"),
    ("offset", _I64, "byte offset of the record in its (uncompressed) file"),
    ("length", _I32, "bytes of the record, terminators included"),
    ("format", _I8, "model.Format, decided from the record's grammar"),
    ("encoding", _S, "utf-8, gb18030, big5, marc-8, koi8-r, latin-1, ..."),
    ("fingerprint", pa.uint64(), "hash of the record's content without 001 and 005"),
)

# One column per group of fields; which tags go into which column stands in rules/fields/*.toml.
RAW_COLUMNS: dict[str, str] = {
    "leader": "24 characters of the leader",
    "control": "001, trimmed",
    "updated": "005",
    "fixed": "008 in MARC 21; first 100$a in CNMARC / UNIMARC",
    "physical": "fields: MARC 21 006, 007; CNMARC 105, 106, 115, 116, 126, 130, 135",
    "isbn": "fields: MARC 21 020, 024; CNMARC 010, 073",
    "number": "fields: other standard numbers: MARC 21 022 027 028 030 086 088 091; CNMARC 011 013 015 091 094",
    "origin": "fields: source record numbers: MARC 21 010, 016, 035; CNMARC 020, 035, 099",
    "agency": "fields: MARC 21 040; CNMARC 801",
    "language": "fields: MARC 21 041; CNMARC 101",
    "country": "fields: MARC 21 044; CNMARC 102",
    "title": "fields: MARC 21 245; CNMARC 200",
    "variant": "fields: MARC 21 130 240 242 246 247 730 740; CNMARC 500-518 520 532 540 541",
    "edition": "fields: MARC 21 250 251; CNMARC 205",
    "imprint": "fields: MARC 21 260 264; CNMARC 210 214",
    "extent": "fields: MARC 21 300; CNMARC 215",
    "medium": "fields: MARC 21 336 337 338 340 344 347 533 534 538 856; CNMARC 181 182 183 230 325 336 337 856",
    "series": "fields: MARC 21 440 490 800 810 811 830; CNMARC 225 410 461 462",
    "note": "fields: MARC 21 500 501 502 504 505 515 520 521 546 550 580; CNMARC 300-324 326 327 328 330 333",
    "name": "fields: MARC 21 100 110 111 700 710 711 720; CNMARC 700-702 710-712 720-722 730",
    "subject": "fields: MARC 21 050 060 080 082 084 090 ; CNMARC 675 676 680 686 690 692 096",
    "link": "fields: MARC 21 765-787; CNMARC 421-488 (not 410 461 462)",
    "linked": "fields: MARC 21 880",
    "holdings": "fields: 852 905 906 907 915 920 926 927 935 949 952 995 999 AVA OWN",
}

RECORD = pa.schema([*ORIGIN, *(pa.field(name, _S, metadata={"means": means}) for name, means in RAW_COLUMNS.items())])

QUARANTINE = _schema(
    ("source", _S, "code of the source"),
    ("file", _S, "path below the source"),
    ("offset", _I64, "byte offset"),
    ("length", _I64, "bytes set aside"),
    ("reason", _S, "what was found, what was wanted"),
)

LEDGER = _schema(
    ("source", _S, "code of the source"),
    ("file", _S, "path below the source"),
    ("bytes", _I64, "size of the (uncompressed) file"),
    ("record_bytes", _I64, "bytes in records that were read"),
    ("quarantined_bytes", _I64, "bytes set aside"),
    ("padding_bytes", _I64, "line ends, blanks and zero bytes between records; XML or JSON around records"),
    ("records", _I64, "records found: loaded + quarantined"),
    ("loaded", _I64, "bibliographic, holdings and authority records read"),
    ("quarantined", _I64, "records set aside"),
)

CONCEPT = _schema(
    # -- what kind of record
    ("format", _I8, "model.Format"),
    ("record_type", _S, "leader/06"),
    ("bib_level", _S, "leader/07"),
    ("hierarchy", _S, "leader/08 in CNMARC, leader/19 in MARC 21; blank as space"),
    (
        "carrier",
        _S,
        "print, online, disc, microform, braille, large-print, audio, video, manuscript, other; '' unknown",
    ),
    ("content", _S, "text, score, sound, image, map, film, object, software, mixed, kit: from leader/06"),
    ("languages", _LS, "languages of the text, ISO 639-2, first is the main one"),
    ("original_languages", _LS, "languages translated from"),
    ("country", _S, "country of publication as coded, trimmed lower case"),
    # -- numbers
    (
        "isbn",
        _LI,
        "9-digit cores (979: 12 digits) of valid ISBNs that stand for this record itself, ascending, distinct",
    ),
    ("isbn_weak", _LI, "cores with a wrong check digit or from $z, not in isbn"),
    ("isbn_set", _LI, "cores said to be of the set"),
    ("isbn_part", _LI, "cores said to be of one volume, when the record holds several"),
    ("isbn_other", _LI, "cores of discs, e-books and other carriers: never identity"),
    ("isbn_text", _LS, "every ISBN as typed, for display"),
    ("isbn_forms", _I8, "1 a 10-digit form stands in the record, 2 a 13-digit form, 3 both"),
    ("registrants", _LS, "publisher prefixes (group-registrant) of isbn"),
    ("unified_number", _S, "统一书号: digits, one dot"),
    ("source_numbers", _LS, "099/035/LCCN as PREFIX+digits: CAL012000594459, OCLC311310321, LCCN2001012345"),
    ("issn", _LS, "NNNN-NNNX of the record itself, not of its series"),
    ("standard_numbers", _LS, "GB/T 5795-2006 and kin, with the year"),
    ("document_numbers", _LS, "report, government document, publisher's music numbers, folded"),
    # -- title
    ("title", _S, "title proper folded, words by one space; volume designation, year and series prefix left in"),
    ("title_key", _S, "skeleton of the title proper without volume designation and series prefix"),
    ("subtitle", _S, "other title information folded"),
    ("title_years", _LI, "years and year ranges inside title, subtitle, part number (94 -> 1994), ascending"),
    ("title_numbers", _S, "the other numbers inside title proper and subtitle, in order, one space between"),
    ("alternatives", _LS, "skeletons of variant, parallel, 880, series-stripped and part-joined titles"),
    ("pinyin", _S, "pinyin or romanised title folded without spaces"),
    ("title_usable", _B, "false when the title is missing or a placeholder"),
    ("script", _S, "han, latin, cyrillic, ... of the title proper"),
    # -- volume
    ("level", _I8, "model.Level: single, volume, range, set"),
    ("volume_from", _I32, "(first) volume, null when none; 上=1 中=2 下=-1 (last) when the total is unknown"),
    ("volume_to", _I32, "last volume of a range"),
    ("volume_total", _I32, "volumes of the set when stated"),
    ("volume_label", _S, "designation folded (上, 3, ii 2); all levels of a hierarchy by one space"),
    ("part", _S, "part name folded"),
    # -- edition and printing
    ("edition_number", _I16, "null when not stated; first edition stated = 1"),
    ("edition_kinds", _LS, "ids of content-changing and other-identity kinds (revised, abridged, facsimile), sorted"),
    ("edition_forms", _LS, "ids of form-only kinds (paperback, commemorative), sorted"),
    ("edition_original", _I16, "原书第n版"),
    ("edition_year", _I16, "year editions: 2019版"),
    ("edition_text", _S, "edition statement folded"),
    ("printing_number", _I16, "impression"),
    ("printing_year", _I16, "year of the impression"),
    ("is_reprint", _B, "the record says it is a reprint (重印, 2nd printing)"),
    # -- dates
    ("date_type", _S, "008/06 or 100/8"),
    ("fixed_year", _I16, "008/07-10 or 100/9-12"),
    ("fixed_year2", _I16, "008/11-14 or 100/13-16"),
    ("year", _I16, "year of publication as transcribed, else fixed_year"),
    ("transcribed_year", _I16, "first year in 210$d / 260$c / 264$c"),
    ("copyright_year", _I16, "c-year when given apart"),
    ("end_year", _I16, "last year of an open or closed range; 9999 = open"),
    ("reissue_year", _I16, "second year in the imprint said to be of a new edition: 2007 (2014再版)"),
    ("entered", _I32, "yyyymmdd of the entry on file"),
    # -- publisher
    ("publishers", _LS, "publisher keys, aliases resolved, in order; imprint families share no key but a family"),
    ("publisher_families", _LS, "family or renamed-house ids of the publishers"),
    ("places", _LS, "places folded"),
    # -- extent
    ("pages", _I32, "last arabic page run, or leaves; null when none"),
    ("preliminary_pages", _I16, "roman run or leading arabic run"),
    ("page_runs", _LI, "every numbered run in order, roman as numbers"),
    ("units", _I16, "number of physical volumes or pieces when stated"),
    ("size", _I16, "height in cm (开 converted)"),
    ("accompanying", _S, "class of accompanying material"),
    ("binding", _LS, "binding classes named with ISBN, price or extent, sorted"),
    ("price", _S, "first price, currency and amount"),
    # -- names
    ("authors", _LS, "name keys from the statement of responsibility (authors, editors), in order"),
    ("headings", _LS, "name keys from access points, in order, translators left out"),
    ("translators", _LS, "name keys of translators"),
    ("corporate", _LS, "keys of corporate and meeting names, from access points and statement"),
    ("responsibility", _S, "statement of responsibility folded, role words kept"),
    ("heading_forms", _LS, "access points as typed, for diagnosis"),
    # -- series, notes, subject
    ("series", _LS, "skeletons of series titles, sorted"),
    ("series_numbers", _LS, "numbering within series, as 'skeleton number', sorted"),
    ("note_series", _LS, "skeletons of series-like names found in notes"),
    ("companions", _LS, "ids of companion words in title, subtitle, part (teacher, workbook, solutions)"),
    ("is_exam", _B, "exam guide or yearly study aid by class number or words"),
    ("is_thesis", _B, "thesis or dissertation"),
    ("classes", _LS, "class numbers as typed, first letters and digits"),
    ("linked_numbers", _LI, "ISBN cores in linking fields (776, 452): other carriers, never identity"),
    # -- holdings
    ("libraries", _LS, "library code per item"),
    ("call_numbers", _LS, "call number per item, same length"),
    ("barcodes", _LS, "barcode per item, same length"),
    ("item_dates", _LS, "created date per item yyyymmdd, same length"),
    ("agencies", _LS, "agencies in 801 / 040 in order: original first, last modifier last"),
    # -- display and weight
    ("fullness", _I16, "how many of the identity fields are filled"),
    ("display_title", _S, "title as typed, subfields by ISBD punctuation"),
    ("display_statement", _S, "edition, imprint, extent as typed, for reports"),
)

# Columns that only people read, and those that tell of one record: no question about two records asks for them.
_SHOWN = {"isbn_text", "heading_forms", "display_title", "display_statement", "call_numbers", "barcodes", "item_dates"}
_ALONE = {"hierarchy", "original_languages", "isbn_forms", "pinyin", "reissue_year", "entered", "preliminary_pages"}
_ALONE |= {"accompanying", "classes", "linked_numbers", "libraries", "agencies", "fullness"}
COMPARED: tuple[str, ...] = tuple(name for name in CONCEPT.names if name not in _SHOWN | _ALONE)

LOADED = pa.schema(
    [
        pa.field("rid", _I64, metadata={"means": "record number, dense from 0 in (source, file, offset) order"}),
        pa.field("record_id", _S, metadata={"means": "SOURCE/CONTROL[#n] or SOURCE/@OFFSET"}),
        *ORIGIN,
        pa.field("control", _S, metadata={"means": "001, trimmed"}),
        *CONCEPT.remove(CONCEPT.get_field_index("format")),
    ]
)

KEY = _schema(
    ("rid", _I64, "record"),
    ("rule", _I8, "position of the blocking rule in blocking.toml"),
    ("key", pa.uint64(), "64-bit hash of the rule and the key"),
)

REFINED_KEY = _schema(
    ("rid", _I64, "record"),
    ("rule", _I8, "position of the blocking rule in blocking.toml"),
    ("key", pa.uint64(), "64-bit hash of the rule and the key, of blocks above the cap"),
    ("refined", pa.uint64(), "64-bit hash of the key with one value of its refinement; null when there is none"),
)

DROPPED_KEY = _schema(
    ("rule", _S, "id of the blocking rule"),
    ("key", pa.uint64(), "hash of the key"),
    ("size", _I64, "records that share it"),
    ("action", _S, "refined, windowed"),
    ("pairs", _I64, "pairs proposed all the same"),
)

PAIR = _schema(
    ("left", _I64, "rid, smaller"),
    ("right", _I64, "rid, larger"),
    ("rules", _I64, "bit set of the blocking rules that proposed the pair"),
)

JUDGED = _schema(
    ("left", _I64, "rid"),
    ("right", _I64, "rid"),
    ("verdict", _S, "model.Verdict"),
    ("row", _S, "id of the policy row that decided"),
    ("veto", _S, "name of the veto, or empty"),
    ("score", pa.float32(), "0 to 1, ranks inside a verdict"),
    ("reason", _S, "one sentence"),
)

MEMBER = _schema(
    ("group_id", _S, "stable id"),
    ("rid", _I64, "record"),
    ("verdict", _S, "model.Verdict of the group"),
    ("keep", _B, "the record to keep"),
    ("confidence", pa.float32(), "weakest edge that holds the group together"),
)

CONFLICT = _schema(
    ("left", _I64, "rid"),
    ("right", _I64, "rid"),
    ("because_left", _I64, "rid of the record whose veto forbade the merge"),
    ("because_right", _I64, "rid of its partner"),
    ("veto", _S, "the veto"),
)
