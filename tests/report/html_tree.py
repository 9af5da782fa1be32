"""A page as a tree, read by the parser of the standard library, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "rect", "line"}


@dataclass
class Node:
    name: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def all(self, name: str = "", **wanted: str) -> list[Node]:
        """Every element below with that name and these attributes (`class_`: one of its classes)."""
        return [one for one in self._below() if (not name or one.name == name) and one.fits(wanted)]

    def one(self, name: str = "", **wanted: str) -> Node:
        [found] = self.all(name, **wanted)
        return found

    def fits(self, wanted: dict[str, str]) -> bool:
        for key, value in wanted.items():
            held = self.attributes.get(key.rstrip("_").replace("_", "-"))
            if held is None or (value not in held.split() if key == "class_" else held != value):
                return False
        return True

    def _below(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child._below()

    def text(self, lang: str = "") -> str:
        """Its text; with `lang` without what is said in the other language."""
        other = {"zh": "en", "en": "zh"}.get(lang)
        parts = [
            child if isinstance(child, str) else child.text(lang)
            for child in self.children
            if isinstance(child, str) or child.attributes.get("lang") != other or other is None
        ]
        return "".join(parts)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> ends <{self.open[-1].name}> {self.open[-1].attributes}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(text: str) -> Node:
    """The whole page. Fails where an element ends that was not the last to begin."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    assert [node.name for node in builder.open] == [""]
    return builder.open[0]
