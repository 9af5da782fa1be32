"""Record ids: SOURCE/CONTROL, `#2` for a second record with that control number, `@OFFSET` for one without any."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def record_ids(source: str, controls: pa.StringArray, offsets: pa.Int64Array) -> pa.StringArray:
    """The record ids of all records of one source, in (file, offset) order, each of them once.

    `controls` are trimmed control numbers ('' when the record has none), `offsets` byte offsets.
    """
    places = pc.binary_join_element_wise("@", offsets.cast(pa.string()), "")
    numbers = pc.if_else(pc.equal(controls, ""), places, controls)
    names = pc.binary_join_element_wise(source, numbers, "/")
    nth = _nth(np.asarray(names.dictionary_encode().indices))
    repeated = nth > 1
    if not repeated.any():
        return names
    mask = pa.array(repeated)
    counted = pc.binary_join_element_wise(names.filter(mask), pa.array(nth[repeated]).cast(pa.string()), "#")
    made = pc.replace_with_mask(names, mask, counted)
    return made if pc.count_distinct(made).as_py() == len(made) else _apart(names, nth)


def _nth(codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Of each value: the how-manieth of its kind it is, from 1."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))[: len(ordered)]
    lengths = np.diff(np.append(first, len(ordered)))
    nth = np.empty(len(codes), np.int64)
    nth[order] = np.arange(len(codes)) - np.repeat(first, lengths) + 1
    return nth


def _apart(names: pa.StringArray, nth: npt.NDArray[np.int64]) -> pa.StringArray:
    """The rare source where a 001 looks like a counted one (`7` twice beside `7#2`): count on until the id is free."""
    values = names.to_pylist()
    taken = {value for value, place in zip(values, nth.tolist(), strict=True) if place == 1}
    for index in np.flatnonzero(nth > 1).tolist():
        number = int(nth[index])
        while (name := f"{values[index]}#{number}") in taken:
            number += 1
        taken.add(name)
        values[index] = name
    return pa.array(values, pa.string())
