"""Many directories read at once give what the exact reader gives; what does not add up is left over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.columnar import tokenise
from dedup.marc.exact import WRONG_LENGTHS, Found, read_frame
from dedup.marc.tokens import to_loose
from tests.marc.plain import iso2709

_CONTENT = st.one_of(
    st.binary(max_size=12).map(lambda data: b"1 \x1fa" + data.translate(None, b"\x1d\x1e\r\n")),
    st.sampled_from([b"", b"1", b"  ", b"Title", b"10\x1fa"]),
)
_RECORD = st.lists(
    st.tuples(st.sampled_from(["001", "200", "245", "OWN", "999"]), _CONTENT), min_size=1, max_size=6
).map(iso2709)
_MUTATION = st.tuples(st.floats(0, 1, exclude_max=True), st.one_of(st.none(), st.integers(0, 255)))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Records with a few bytes changed or lost, and padding between them."""
    data = bytearray(draw(st.sampled_from([b"", b"\r\n"])).join(draw(st.lists(_RECORD, max_size=6))))
    for place, value in draw(st.lists(_MUTATION, max_size=4)):
        at = int(place * len(data))
        data[at : at + 1] = b"" if value is None else bytes([value])
    return bytes(data)


@given(files())
def test_the_fast_reader_reads_only_what_the_exact_reader_reads_alike(data: bytes) -> None:
    read = tokenise(data, 0)
    left = {at for begin, end in read.rest for at in range(begin, end)}
    fast = [to_loose(read.tokens, at) for at in range(len(read.tokens))]
    exact = Found()
    at = 0
    for part in data.split(b"\x1d"):
        end = min(at + len(part) + 1, len(data))
        if at not in left and end > at:
            read_frame(data[at:end], at, exact)
        at = end
    assert exact.aside == []
    wanted = [(record.offset, record.length, record.leader, record.fields) for record in exact.records]
    assert [(record.offset, record.length, record.leader, record.fields) for record in fast] == wanted
    wrong = [note.offset for note in exact.notes if note.reason == WRONG_LENGTHS]
    assert [fast[row].offset for row in read.by_order.tolist()] == wrong


def test_lengths_counted_in_characters_are_read_fast() -> None:
    record = iso2709([("001", b"1"), ("200", "1 \x1fa围城".encode()), ("210", b"  \x1faBeijing")])
    counted = record.replace(b"200001100002", b"200000700002").replace(b"210001200013", b"210001200009")
    assert counted != record
    read = tokenise(counted * 3, 0)
    assert read.rest == []
    assert read.by_order.tolist() == [0, 1, 2]
    assert to_loose(read.tokens, 1).fields[1] == (b"200", "1 \x1fa围城".encode())


def test_an_empty_chunk_holds_no_record() -> None:
    assert len(tokenise(b"", 0).tokens) == 0
    assert tokenise(b"\r\n", 0).rest == [(0, 2)]
