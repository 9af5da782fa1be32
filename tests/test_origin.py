"""Each setting of a file is found in its line, however the file is written."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dedup.origin import lines_of

FILE = '''# head
[switches]
western-pages = 20   # a comment

[check]
select = [
  "Q",  # several
  "D",
]
severity = { Q04 = "error", D = "note" }
help_base = """
[check] not a table
x = 1
"""
[[allow]]
record = "a/1"
reason = "[[allow]]"
[[allow]]
record = "b/2"
[policy.verdict]
"P5.unified" = "review"
'''


def test_a_key_is_found_in_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text(FILE, encoding="utf-8")
    lines = FILE.splitlines()
    found = lines_of(path)
    for name, begins in (
        ("switches.western-pages", "western-pages"),
        ("check.select", "select"),
        ("check.severity.Q04", "severity"),
        ("check.help_base", "help_base"),
        ("allow[1].reason", "reason"),
        ("allow[2].record", 'record = "b/2"'),
        ("policy.verdict.P5.unified", '"P5.unified"'),
    ):
        assert lines[found[name] - 1].startswith(begins), name
    assert "check.x" not in found and len([name for name in found if name.startswith("allow")]) == 5


@given(st.lists(st.sampled_from(["", "# [x]", "a{n} = 1", 'b{n} = """\nc = 1\n"""', "d{n} = [\n1,\n]", "[t{n}]"])))
def test_every_key_of_any_file_is_found_once_where_it_stands(parts: list[str]) -> None:
    text = "".join(part.replace("{n}", str(number)) + "\n" for number, part in enumerate(parts))
    path = Path("made.toml")
    found = lines_of(_Text(text))  # type: ignore[arg-type]
    lines = text.splitlines()
    for name, number in found.items():
        assert lines[number - 1].lstrip("[").startswith(name.rsplit(".", 1)[-1]), path
    wanted = sum(bool(part) and not part.startswith("#") for part in parts)
    assert len(found) == wanted


class _Text:
    """A file that is never on a disk."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read_text(self, encoding: str) -> str:
        return self.text
