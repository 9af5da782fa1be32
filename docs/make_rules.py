"""Write docs/rules.md from the tables under rules/. Usage: python docs/make_rules.py"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dedup.rulebook import markdown, read_legend, rulebook  # noqa: E402
from dedup.rules import load_rules  # noqa: E402

PAGE = ROOT / "docs" / "rules.md"


def made() -> str:
    """The page as the tables of this checkout make it."""
    rules = load_rules(str(ROOT / "rules"))
    return markdown(rulebook(rules), read_legend(rules))


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8", newline="\n")
