"""Text before it is compared: folding of one string or a column, skeletons, numerals. The door to the text modules."""

from __future__ import annotations

from dedup.normalise.numerals import chinese_number, number, roman_number
from dedup.normalise.text_column import bare_column, fold_column, skeleton_column
from dedup.normalise.text_fold import bare, fold, skeleton

__all__ = [
    "bare",
    "bare_column",
    "chinese_number",
    "fold",
    "fold_column",
    "number",
    "roman_number",
    "skeleton",
    "skeleton_column",
]
