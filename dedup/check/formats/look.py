"""What every form of a report is given besides the report: language, words, where the pages of codes stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dedup.check.model import Finding
from dedup.codes import Code, filled, read_codes
from dedup.config import Allow
from dedup.rules import RuleSet

CODE_PAGES = "docs/codes"
_ABSOLUTE = re.compile("[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TAGGED = {"zh": "zh-CN", "en": "en-US"}


@dataclass(frozen=True, slots=True)
class Look:
    """`language`: zh or en; `rules`: the tables in force; `colour`, `width` (in letters): of a console.

    `help_base`: address in front of `docs/codes/CODE.md`, '' = relative.
    `config`, `baseline`: the files that notices name.
    """

    language: str
    rules: RuleSet
    colour: bool = False
    width: int = 120
    help_base: str = ""
    config: str = ""
    baseline: str = ""

    @property
    def codes(self) -> Mapping[str, Code]:
        """Every code by its id."""
        return read_codes(self.rules)

    @property
    def tag(self) -> str:
        """The language as RFC 5646 names it."""
        return _TAGGED[self.language]

    def word(self, table: str, name: str, **values: object) -> str:
        """A text of `rules/check_report.toml` with its values put in; whole numbers with their thousands apart."""
        text = self.rules.tables["check_report"][table][name][self.language]
        said = {key: f"{value:,}" if isinstance(value, int) else str(value) for key, value in values.items()}
        return filled(text, said)

    def name(self, code: str) -> str:
        """What a code is called."""
        return self.codes[code].name[self.language]

    def place(self, finding: Finding) -> str:
        """Which record of its file it is, and where it begins there."""
        return self.word("label", "record", number=str(finding.number), offset=str(finding.offset))

    def message(self, finding: Finding) -> str:
        """What is wrong."""
        return finding.message_zh if self.language == "zh" else finding.message

    def todo(self, finding: Finding) -> str:
        """What to do."""
        return finding.todo_zh if self.language == "zh" else finding.todo

    def page(self, code: str) -> str:
        """Where the page of a code stands."""
        path = f"{CODE_PAGES}/{code}.md"
        return f"{self.help_base.rstrip('/')}/{path}" if self.help_base else path

    def address(self, code: str) -> str:
        """The page as an absolute address; '' when no base was given."""
        return self.page(code) if _ABSOLUTE.match(self.help_base) else ""

    def expired(self, allow: Allow) -> str:
        """The notice that an `[[allow]]` holds no more."""
        place = f"{self.config} [[allow]] {allow.number}"
        expires = allow.expires.isoformat() if allow.expires else ""
        return self.word("notice", "expired", place=place, code=allow.code, record=allow.record, expires=expires)
