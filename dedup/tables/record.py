"""What is read of a record: its raw fields, and the concepts they are normalised into.

Field text. The RECORD columns marked "fields" hold whole MARC fields as text, so that nothing a later
stage may ask for is lost: tag (3), two indicators (blank = space), then each subfield as `0x1F code value`;
several fields are joined by `0x1E` in record order. A control field is its tag followed by its value.
An absent value is the empty string, never null.
"""

from __future__ import annotations

import pyarrow as pa

from dedup.tables.shape import FLAG, I8, I16, I32, I64, NUMBERS, TEXT, TEXTS, packed, schema

FIELD_MARK = "\x1e"
SUBFIELD_MARK = "\x1f"

ORIGIN = schema(
    ("source", TEXT, "code of the source"),
    ("file", TEXT, "path of the file below the source, with / (an archive's member after a !)"),
    ("offset", I64, "byte offset of the record in its (uncompressed) file"),
    ("length", I32, "bytes of the record, terminators included"),
    ("format", I8, "model.Format, decided from the record's grammar"),
    ("encoding", TEXT, "utf-8, gb18030, big5, marc-8, koi8-r, latin-1, ..."),
    ("fingerprint", pa.uint64(), "hash of the record's content without 001 and 005"),
    ("raw", pa.uint64(), "hash of all its bytes and of how they were read; see dedup.marc.rawhash"),
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

RECORD = pa.schema([*ORIGIN, *(pa.field(name, TEXT, metadata={"means": means}) for name, means in RAW_COLUMNS.items())])

QUARANTINE = schema(
    ("source", TEXT, "code of the source"),
    ("file", TEXT, "path below the source"),
    ("offset", I64, "byte offset"),
    ("length", I64, "bytes set aside"),
    ("reason", TEXT, "what was found, what was wanted"),
)

QUARANTINED = schema(
    ("source", TEXT, "code of the source"),
    ("file", TEXT, "path below the source"),
    ("offset", I64, "byte offset"),
    ("content", pa.binary(), "the bytes set aside; of a file without any record the beginning"),
)

CHANGE = schema(
    ("rid", I64, "record; of a withdrawn one the number it had"),
    ("kind", TEXT, "new, changed, withdrawn"),
    ("source", TEXT, "code of the source"),
)

RUN = schema(
    ("period", TEXT, "month the results stand for"),
    ("rules_sha256", TEXT, "hash of all rule tables"),
    ("config", TEXT, "the dedup.toml in force; empty when there was none"),
    ("dedup", TEXT, "version of the program"),
    ("program", TEXT, "hash of the program's own files"),
    ("settings", TEXT, "hash of what dedup.toml says"),
    ("libraries", TEXT, "versions of the libraries that values depend on"),
    ("next_rid", I64, "number of the next record that is new"),
)

INPUT = schema(
    ("source", TEXT, "code of the source"),
    ("file", TEXT, "path below the source"),
    ("path", TEXT, "where the file was when it was read"),
    ("reading", TEXT, "what was said of it: format, encoding and holdings"),
    ("digest", TEXT, "SHA-256 of a file that is no plain ISO 2709; of that each record is known by its bytes: ''"),
    ("partial", FLAG, "it was loaded beside other files of its source"),
)

LEDGER = schema(
    ("source", TEXT, "code of the source"),
    ("file", TEXT, "path below the source"),
    ("bytes", I64, "size of the (uncompressed) file"),
    ("record_bytes", I64, "bytes in records that were read"),
    ("quarantined_bytes", I64, "bytes set aside"),
    ("padding_bytes", I64, "line ends, blanks and zero bytes between records; XML or JSON around records"),
    ("records", I64, "records found: loaded + quarantined"),
    ("loaded", I64, "bibliographic, holdings and authority records read"),
    ("quarantined", I64, "records set aside"),
)

CONCEPT = schema(
    # -- what kind of record
    ("format", I8, "model.Format"),
    ("record_type", TEXT, "leader/06"),
    ("bib_level", TEXT, "leader/07"),
    ("hierarchy", TEXT, "leader/08 in CNMARC, leader/19 in MARC 21; blank as space"),
    (
        "carrier",
        TEXT,
        "print, online, disc, microform, braille, large-print, audio, video, manuscript, other; '' unknown",
    ),
    ("content", TEXT, "text, score, sound, image, map, film, object, software, mixed, kit: from leader/06"),
    ("languages", TEXTS, "languages of the text, ISO 639-2, first is the main one"),
    ("original_languages", TEXTS, "languages translated from"),
    ("country", TEXT, "country of publication as coded, trimmed lower case"),
    # -- numbers
    (
        "isbn",
        NUMBERS,
        "9-digit cores (979: 12 digits) of valid ISBNs that stand for this record itself, ascending, distinct",
    ),
    ("isbn_weak", NUMBERS, "cores with a wrong check digit or from $z, not in isbn"),
    ("isbn_set", NUMBERS, "cores said to be of the set"),
    ("isbn_part", NUMBERS, "cores said to be of one volume, when the record holds several"),
    ("isbn_other", NUMBERS, "cores of discs, e-books and other carriers: never identity"),
    ("isbn_text", TEXTS, "every ISBN as typed, for display"),
    ("isbn_forms", I8, "1 a 10-digit form stands in the record, 2 a 13-digit form, 3 both"),
    ("isbn_typed", NUMBERS, "the record's own numbers in $a as a search finds them: core x 10, + 1 for 13 digits"),
    ("isbn_noted", NUMBERS, "ISBN cores typed in a note"),
    ("registrants", TEXTS, "publisher prefixes (group-registrant) of isbn"),
    ("unified_number", TEXT, "统一书号: digits, one dot"),
    ("source_numbers", TEXTS, "099/035/LCCN as PREFIX+digits: CAL012000594459, OCLC311310321, LCCN2001012345"),
    ("issn", TEXTS, "NNNN-NNNX of the record itself, not of its series"),
    ("standard_numbers", TEXTS, "GB/T 5795-2006 and kin, with the year"),
    ("document_numbers", TEXTS, "report, government document, publisher's music numbers, folded"),
    # -- title
    ("title", TEXT, "title proper folded, words by one space; volume designation, year and series prefix left in"),
    ("title_key", TEXT, "skeleton of the title proper without volume designation and series prefix"),
    ("subtitle", TEXT, "other title information folded"),
    ("title_years", NUMBERS, "years and year ranges inside title, subtitle, part number (94 -> 1994), ascending"),
    ("title_numbers", TEXT, "the other numbers inside title proper and subtitle, in order, one space between"),
    ("alternatives", TEXTS, "skeletons of variant, parallel, 880, series-stripped and part-joined titles"),
    ("pinyin", TEXT, "pinyin or romanised title folded without spaces"),
    ("title_usable", FLAG, "no junk: the title names a book"),
    ("junk", TEXT, "J01 to J09, the kind of junk; '' for a usable title"),
    ("mended_title", TEXT, "what a spoilt or misplaced title certainly stands for; else ''"),
    ("script", TEXT, "han, latin, cyrillic, ... of the title proper"),
    # -- volume
    ("level", I8, "model.Level: single, volume, range, set"),
    ("volume_from", I32, "(first) volume, null when none; 上=1 中=2 下=-1 (last) when the total is unknown"),
    ("volume_to", I32, "last volume of a range"),
    ("volume_total", I32, "volumes of the set when stated"),
    ("volume_label", TEXT, "designation folded (上, 3, ii 2); all levels of a hierarchy by one space"),
    ("part", TEXT, "part name folded"),
    # -- edition and printing
    ("edition_number", I16, "null when not stated; first edition stated = 1"),
    ("edition_kinds", TEXTS, "ids of content-changing and other-identity kinds (revised, abridged, facsimile), sorted"),
    ("edition_forms", TEXTS, "ids of form-only kinds (paperback, commemorative), sorted"),
    ("edition_original", I16, "原书第n版"),
    ("edition_year", I16, "year editions: 2019版"),
    ("edition_text", TEXT, "edition statement folded"),
    ("printing_number", I16, "impression"),
    ("printing_year", I16, "year of the impression"),
    ("is_reprint", FLAG, "the record says it is a reprint (重印, 2nd printing)"),
    # -- dates
    ("date_type", TEXT, "008/06 or 100/8"),
    ("fixed_year", I16, "008/07-10 or 100/9-12"),
    ("fixed_year2", I16, "008/11-14 or 100/13-16"),
    ("year", I16, "year of publication as transcribed, else fixed_year"),
    ("transcribed_year", I16, "first year in 210$d / 260$c / 264$c"),
    ("copyright_year", I16, "c-year when given apart"),
    ("end_year", I16, "last year of an open or closed range; 9999 = open"),
    ("reissue_year", I16, "second year in the imprint said to be of a new edition: 2007 (2014再版)"),
    ("entered", I32, "yyyymmdd of the entry on file"),
    # -- publisher
    ("publishers", TEXTS, "publisher keys, aliases resolved, in order; imprint families share no key but a family"),
    ("publisher_families", TEXTS, "family or renamed-house ids of the publishers"),
    ("places", TEXTS, "places folded"),
    # -- extent
    ("pages", I32, "last arabic page run, or leaves; null when none"),
    ("preliminary_pages", I16, "roman run or leading arabic run"),
    ("page_runs", NUMBERS, "every numbered run in order, roman as numbers"),
    ("units", I16, "number of physical volumes or pieces when stated"),
    ("size", I16, "height in cm (开 converted)"),
    ("accompanying", TEXT, "class of accompanying material"),
    ("binding", TEXTS, "binding classes named with ISBN, price or extent, sorted"),
    ("price", TEXT, "first price, currency and amount"),
    # -- names
    ("authors", TEXTS, "name keys from the statement of responsibility (authors, editors), in order"),
    ("headings", TEXTS, "name keys from access points, in order, translators left out"),
    ("translators", TEXTS, "name keys of translators"),
    ("corporate", TEXTS, "keys of corporate and meeting names, from access points and statement"),
    ("responsibility", TEXT, "statement of responsibility folded, role words kept"),
    ("heading_forms", TEXTS, "access points as typed, for diagnosis"),
    # -- series, notes, subject
    ("series", TEXTS, "skeletons of series titles, sorted"),
    ("series_text", TEXTS, "series titles as typed, for display"),
    ("series_numbers", TEXTS, "numbering within series, as 'skeleton number', sorted"),
    ("note_series", TEXTS, "skeletons of series-like names found in notes"),
    ("note_keys", TEXTS, "skeletons of notes that are short enough to be a series title, sorted"),
    ("companions", TEXTS, "ids of companion words in title, subtitle, part (teacher, workbook, solutions)"),
    ("is_exam", FLAG, "exam guide or yearly study aid by class number or words"),
    ("is_thesis", FLAG, "thesis or dissertation"),
    ("classes", TEXTS, "class numbers as typed, first letters and digits"),
    ("linked_numbers", NUMBERS, "ISBN cores in linking fields (776, 452): other carriers, never identity"),
    ("content_types", TEXTS, "336 $b: txt, sti, spw ..."),
    ("hosts", TEXTS, "control numbers of the host item (773 $w), digits alone"),
    # -- holdings
    ("libraries", TEXTS, "library code per item"),
    ("call_numbers", TEXTS, "call number per item, same length"),
    ("barcodes", TEXTS, "barcode per item, same length"),
    ("item_dates", TEXTS, "created date per item yyyymmdd, same length"),
    ("locations", TEXTS, "location within the library per item, same length"),
    ("agencies", TEXTS, "agencies in 801 / 040 in order: original first, last modifier last"),
    ("agency_date", I32, "yyyymmdd of the last agency's work on the record (801$c)"),
    # -- faults inside the record
    ("faults", TEXTS, "CODE, place, found, expected, with tabs between (rules/causes.toml, Q..); sorted"),
    # -- display and weight
    ("fullness", I16, "how many of the identity fields are filled"),
    ("display_title", TEXT, "title as typed, subfields by ISBD punctuation"),
    ("display_responsibility", TEXT, "statement of responsibility as typed"),
    ("display_statement", TEXT, "edition, imprint, extent as typed, for reports"),
    ("statement_parts", I8, "which of them display_statement holds: 1 edition + 2 imprint + 4 extent"),
)

# Columns that only people read, and those that tell of one record: no question about two records asks for them.
_SHOWN = {"isbn_text", "series_text", "heading_forms", "display_title", "display_statement"}
_SHOWN |= {"display_responsibility", "statement_parts"}
_SHOWN |= {"call_numbers", "item_dates", "locations"}
_ALONE = {"hierarchy", "original_languages", "isbn_forms", "reissue_year", "entered", "preliminary_pages"}
_ALONE |= {"note_keys", "mended_title", "isbn_typed", "isbn_noted", "agency_date"}
_ALONE |= {"classes", "linked_numbers", "agencies", "fullness", "faults"}
# Columns that are compared only where a record without a usable title is one of the two.
RESCUING = ("pinyin", "libraries", "barcodes")
COMPARED: tuple[str, ...] = tuple(name for name in CONCEPT.names if name not in _SHOWN | _ALONE)

# What the causes of duplicates are told by, besides: see `dedup.compare.traces`.
TRACED: tuple[str, ...] = (*COMPARED, "isbn_typed", "isbn_noted", "note_keys", "heading_forms", "faults")

# Texts that hardly two records share: to pack them takes a fifth of the time of storing all, for little.
_UNLIKE = (
    "control",
    "title",
    "title_key",
    "responsibility",
    "display_title",
    "display_responsibility",
    "display_statement",
)

_ALL = pa.schema(
    [
        pa.field("rid", I64, metadata={"means": "record number, kept with the record id; neither dense nor in order"}),
        pa.field("record_id", TEXT, metadata={"means": "SOURCE/CONTROL[#n] or SOURCE/@OFFSET"}),
        *ORIGIN,
        pa.field("control", TEXT, metadata={"means": "001, trimmed"}),
        *CONCEPT.remove(CONCEPT.get_field_index("format")),
    ]
)
LOADED = packed(_ALL, "uncompressed", *_UNLIKE)
