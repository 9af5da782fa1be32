"""Write docs/rules.md and docs/codes/ from the tables under rules/. Usage: python docs/make_rules.py"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dedup.rulebook import EntryKind, code_list, code_page, markdown, read_legend, rulebook  # noqa: E402
from dedup.rules import load_rules  # noqa: E402

PAGE = ROOT / "docs" / "rules.md"
CODES = ROOT / "docs" / "codes"


def made() -> str:
    """The page as the tables of this checkout make it."""
    rules = load_rules(str(ROOT / "rules"))
    return markdown(rulebook(rules), read_legend(rules))


def made_codes() -> dict[str, str]:
    """The pages of all codes by file name, and the list of them."""
    rules = load_rules(str(ROOT / "rules"))
    legend = read_legend(rules)
    kinds = (EntryKind.CAUSE, EntryKind.JUNK, EntryKind.FAULT)
    entries = [entry for entry in rulebook(rules) if entry.kind in kinds]
    pages = {f"{entry.id}.md": code_page(entry, legend) for entry in entries}
    return {"README.md": code_list(entries, legend), **pages}


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8", newline="\n")
    CODES.mkdir(exist_ok=True)
    pages = made_codes()
    for old in CODES.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (CODES / name).write_text(text, encoding="utf-8", newline="\n")
