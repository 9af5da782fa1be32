"""What the rules of the trade call equal changes no verdict."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.noise import NOISES
from tests.laws.records import Told, beside, named_pairs, published, rewritten


def moved(kinds: list[str], seed: int) -> list[str]:
    """The pairs whose verdict changes when one record or both are written with some noise."""

    def spoilt(one: Told) -> Told:
        for kind in kinds:
            one = one.with_fields(NOISES[kind](one, seed))
        return one

    return [
        f"{left} {right}: {old['verdict']} ({old['row']}) -> {new['verdict']} ({new['row']})"
        for found in beside(rewritten(spoilt))
        for (left, right), old, new in zip(named_pairs(), published(), found, strict=True)
        if old["verdict"] != new["verdict"]
    ]


def test_the_pairs_have_every_verdict() -> None:
    assert {str(one["verdict"]) for one in published()} >= {"same", "structure", "repair", "different", "review"}


@pytest.mark.parametrize("kind", NOISES)
@given(seed=st.integers(0, 59))
@settings(max_examples=3, deadline=None)
def test_one_kind_of_noise_changes_no_verdict(kind: str, seed: int) -> None:
    assert moved([kind], seed) == []


@given(kinds=st.lists(st.sampled_from(sorted(NOISES)), min_size=2, max_size=4, unique=True), seed=st.integers(0, 59))
@settings(max_examples=12, deadline=None)
def test_several_kinds_at_once_change_no_verdict(kinds: list[str], seed: int) -> None:
    assert moved(kinds, seed) == []
