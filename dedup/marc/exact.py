"""Read frames that do not add up, one at a time: read what can be read, and say why the rest cannot.

Order of trust for where fields are: the directory where it agrees with the terminators; the order of the
terminators where there are as many of them as entries; the directory where it is whole in itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from dedup.marc.directory import Entry, UnreadableRecord, by_positions, directory_end, read_directory
from dedup.marc.frame import BYTE_ORDER_MARK, FIELD_END, PADDING, RECORD_END, SUBFIELD, record_heads
from dedup.marc.tokens import LEADER_LENGTH, Loose

WRONG_LENGTHS = "lengths in the directory do not agree with the fields; read in the order of the terminators"
_LINE_ENDS = re.compile(rb"[\r\n]")
_SOUND_LEADER = re.compile(rb"[ -~]{12}[0-9]{5}[ -~]{7}")
_CONTROL = re.compile(rb"00[0-9]")
_NUMERIC = re.compile(rb"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Aside:
    """Bytes that could not be read as a record, and why, in plain words; `content` may be only their beginning."""

    offset: int
    length: int
    content: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """A record that was read although something in it was wrong."""

    offset: int
    length: int
    reason: str


@dataclass(slots=True)
class Found:
    """What frames held. Bytes that are neither in a record nor set aside are padding."""

    records: list[Loose] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read_frame(data: bytes, offset: int, found: Found) -> None:
    """Read one frame into `found`; `offset` is the place of its first byte in the file. Never raises."""
    heads = record_heads(data)
    begin = _skip_padding(data, 0)
    edges = sorted({begin, *(head for head in heads if head >= begin), len(data)})
    for left, right in pairwise(edges):
        piece = data[left:right]
        kept = piece if piece.endswith(RECORD_END) else piece.rstrip(PADDING)
        if not kept.rstrip(PADDING + RECORD_END):
            continue
        try:
            fields, notes = _record(kept)
        except UnreadableRecord as why:
            found.aside.append(Aside(offset + left, len(kept), kept, str(why)))
            continue
        found.records.append(Loose(offset + left, len(kept), _leader(kept), fields))
        if notes:
            found.notes.append(Note(offset + left, len(kept), "; ".join(notes)))


def _skip_padding(data: bytes, at: int) -> int:
    while True:
        stripped = len(data) - len(data[at:].lstrip(PADDING))
        if not data.startswith(BYTE_ORDER_MARK, stripped):
            return stripped
        at = stripped + len(BYTE_ORDER_MARK)


def _leader(record: bytes) -> bytes:
    """The leader as printable ASCII, 24 characters; a damaged byte becomes a blank."""
    leader = record[:LEADER_LENGTH].split(FIELD_END)[0]
    return bytes(byte if 0x20 <= byte < 0x7F else 0x20 for byte in leader).ljust(LEADER_LENGTH)


def _record(record: bytes) -> tuple[tuple[tuple[bytes, bytes], ...], list[str]]:
    """The fields of one record and what was wrong with it. Raises UnreadableRecord."""
    notes: list[str] = []
    ended = record.endswith(RECORD_END)
    if not ended:
        notes.append("the record terminator (0x1D) is missing")
    content = record.removesuffix(RECORD_END)
    at = directory_end(content)
    if at < 0:
        raise UnreadableRecord(f"no field terminator (0x1E) in {len(record)} bytes, so no directory and no fields")
    if content[at : at + 1] != FIELD_END:
        notes.append("the directory is not ended by 0x1E; read by the base address in the leader")
    body = content[at + 1 :]
    segments = body.split(FIELD_END)
    if segments[-1].strip(PADDING):
        notes.append("the last field is not ended by 0x1E")
    else:
        segments.pop()
    entries = read_directory(content[:at], len(segments), notes)
    if not entries:
        raise UnreadableRecord("the directory holds no entry")
    if not _SOUND_LEADER.match(record) or int(record[12:17]) != at + 1:
        notes.append(f"the leader is damaged ({record[:LEADER_LENGTH].decode('latin-1')!r}); read by the directory")
    if not ended and not body.rstrip(PADDING).endswith(FIELD_END):
        _check_last_field(entries, segments)
    contents = _contents(entries, body, segments, notes, ended)
    return tuple(
        (entry.tag, _field(entry.tag, content, notes)) for entry, content in zip(entries, contents, strict=True)
    ), notes


def _contents(entries: list[Entry], body: bytes, segments: list[bytes], notes: list[str], ended: bool) -> list[bytes]:
    """The content of each entry, in directory order. Raises UnreadableRecord."""
    exact = by_positions(entries, body)
    if exact is not None and len(entries) == len(segments):
        return exact
    if len(entries) == len(segments):
        notes.append(WRONG_LENGTHS)
        return _by_order(entries, segments)
    if not ended and len(segments) < len(entries):
        raise UnreadableRecord(f"the record is cut off: {len(segments)} of {len(entries)} fields are there")
    if exact is not None or (exact := _whole_in_itself(entries, body)) is not None:
        notes.append(f"{len(entries)} directory entries but {len(segments)} ended fields; read by the directory")
        return exact
    lined_up = _lined_up(entries, segments)
    if lined_up is None:
        raise UnreadableRecord(
            f"the directory names {len(entries)} fields, {len(segments)} are there, and the lengths do not say which"
        )
    notes.append(f"{len(entries)} directory entries but {len(segments)} ended fields; lined up by their lengths")
    return lined_up


def _check_last_field(entries: list[Entry], segments: list[bytes]) -> None:
    """A record without any end is cut off unless its last field has its full length. Raises UnreadableRecord."""
    longest = max((entry.start or 0, entry.length or 0) for entry in entries)[1]
    if len(segments) == len(entries) and segments and len(segments[-1]) + 1 < longest:
        raise UnreadableRecord(
            f"the record is cut off inside its last field ({len(segments[-1])} of {longest - 1} bytes)"
        )


def _by_order(entries: list[Entry], segments: list[bytes]) -> list[bytes]:
    """The n-th field belongs to the entry with the n-th start; to the n-th entry if starts are broken."""
    starts = [entry.start for entry in entries]
    ranked = list(range(len(entries)))
    if None not in starts and len(set(starts)) == len(starts):
        ranked.sort(key=lambda at: starts[at] or 0)
    contents = [b""] * len(entries)
    for at, segment in zip(ranked, segments, strict=True):
        contents[at] = _without_line_ends(segment, entries[at].length)
    return contents


def _without_line_ends(segment: bytes, length: int | None) -> bytes:
    """Take out line ends that were broken into a field, if its length in the directory says so."""
    bare = _LINE_ENDS.sub(b"", segment)
    return bare if length is not None and len(segment) + 1 != length == len(bare) + 1 else segment


def _whole_in_itself(entries: list[Entry], body: bytes) -> list[bytes] | None:
    """Fields as the directory says, if its entries follow each other without gap and fill the record."""
    placed = sorted((entry.start, entry.length) for entry in entries if entry.start is not None and entry.length)
    if len(placed) != len(entries):
        return None
    at = 0
    for start, length in placed:
        if start != at:
            return None
        at += length
    if at != len(body):
        return None
    return [body[entry.start or 0 : (entry.start or 0) + (entry.length or 1) - 1] for entry in entries]


def _lined_up(entries: list[Entry], segments: list[bytes]) -> list[bytes] | None:
    """Match lengths from the front and from the back; one field in between may have lost or gained a terminator."""
    starts = [entry.start or 0 for entry in entries]
    if starts != sorted(starts):
        return None
    short = min(len(entries), len(segments))
    front = 0
    while front < short and entries[front].length == len(segments[front]) + 1:
        front += 1
    back = 0
    while back < short - front and entries[-1 - back].length == len(segments[-1 - back]) + 1:
        back += 1
    middle, between = entries[front : len(entries) - back], segments[front : len(segments) - back]
    if len(middle) == 1:
        filled = [b" ".join(between)]
    elif len(middle) == 2 and len(between) == 1 and middle[0].length:
        cut = middle[0].length - 1
        filled = [between[0][:cut], between[0][cut:].lstrip(b"\x1e")]
    else:
        return None
    return segments[:front] + filled + segments[len(segments) - back :]


def _field(tag: bytes, content: bytes, notes: list[str]) -> bytes:
    """Field content without inner terminators; a data field always with two indicators and a first subfield mark."""
    content = content.replace(FIELD_END, b" ").replace(RECORD_END, b" ")
    if _CONTROL.fullmatch(tag) or not _NUMERIC.fullmatch(tag) or content[2:3] == SUBFIELD:
        return content
    name = tag.decode("latin-1")
    at = content.find(SUBFIELD)
    if at < 0:
        notes.append(f"field {name} has no subfield mark; its text is taken as $a")
        indicators, text = _indicators(content)
        return indicators + SUBFIELD + b"a" + text if text else indicators
    notes.append(f"field {name} has {at} indicators")
    return content[:at][:2].ljust(2) + content[at:]


def _indicators(content: bytes) -> tuple[bytes, bytes]:
    """Split text without subfield marks: two indicators if the first two characters look like them."""
    if re.match(rb"[0-9 #|][0-9 #|]", content) and not re.match(rb"[0-9]{4}", content):
        return content[:2], content[2:]
    return b"  ", content
