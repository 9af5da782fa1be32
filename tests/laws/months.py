"""Catalogues of many small worlds as MARC files, and what happens in them from month to month."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixtures.line_text import iso2709, read_lines
from tests.laws.increments import Row

LIBRARIES = ("NKU", "TJU")
_SIGNS = "春夏秋冬江河湖海山川草木花鸟虫鱼金石丝竹"
_HOUSES = ("人民文学出版社", "人民文学出版社", "商务印书馆")


@dataclass(slots=True)
class Months:
    """Libraries, each a file of records (lines of text) in an order of their own; drawn from one seed."""

    draw: random.Random
    worlds: int
    files: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {library: {} for library in LIBRARIES})

    def begin(self) -> None:
        """Some records in every world."""
        for world in range(self.worlds):
            for _ in range(self.draw.randint(3, 6)):
                self.put(world)

    def put(self, world: int) -> None:
        """One more record, somewhere in a file; or another in the place of one of that number."""
        library, number = self.draw.choice(LIBRARIES), f"{world:03}{self.draw.randrange(10)}"
        self.files[library][number] = self._record(world, library, number)

    def write(self, folder: Path) -> Path:
        """The files of a month."""
        folder.mkdir(parents=True, exist_ok=True)
        for library, records in self.files.items():
            made = [iso2709(read_lines(lines, "50")) for lines in records.values()]
            (folder / f"{library}.iso").write_bytes(b"".join(made))
        return folder

    def pass_on(self) -> list[Row]:
        """A month goes by; what people said of the records as they were, as entries of the log."""
        said: list[Row] = []
        for world in range(self.worlds):
            known = sorted(f"{library}/{one}" for library, one in self._of(world))
            for _ in range(self.draw.randint(0, 2)):
                self._happen(world, known, said)
        if self.draw.random() < 0.5:
            shelf = self.files[self.draw.choice(LIBRARIES)]
            order = list(shelf.items())
            self.draw.shuffle(order)
            shelf.clear()
            shelf.update(order)
        return said

    def _happen(self, world: int, known: list[str], said: list[Row]) -> None:
        there, what = self._of(world), self.draw.random()
        if what < 0.3 or not there:
            self.put(world)
        elif what < 0.6:
            library, number = self.draw.choice(there)
            self.files[library][number] = self._record(world, library, number)
        elif what < 0.75:
            library, number = self.draw.choice(there)
            del self.files[library][number]
        elif what < 0.8:
            said.append({"answer": "undo", "undoes": f"J{self.draw.randrange(40)}"})
        elif known:
            left, right = self.draw.choice(known), self.draw.choice([*known, ""])
            answer = self.draw.choice(["same", "different", "review"]) if right else "different"
            said.append({"left_record": left, "right_record": right, "answer": answer})

    def _of(self, world: int) -> list[tuple[str, str]]:
        return [(library, one) for library in LIBRARIES for one in self.files[library] if one.startswith(f"{world:03}")]

    def _mostly(self, usual: Any, *others: Any) -> Any:
        return usual if self.draw.random() < 0.8 else self.draw.choice(others)

    def _record(self, world: int, library: str, number: str) -> list[str]:
        """A record of one of the books of a world, in CNMARC."""
        book = self._mostly(1, 2)
        title = "".join(_SIGNS[(world * 7 + at * (book + world // 20)) % len(_SIGNS)] for at in range(4)) + f"之{book}"
        title = self._mostly(title, f"{title}续编", f"{title}. 上册", "**REQUIRED FIELD**", title[:3])
        author, year = self._mostly("钱钟书", "杨绛"), self._mostly(1999, 2004)
        isbn = _isbn(f"9787{world:03}{book:05}") if self.draw.random() < 0.85 else _isbn(f"9787{world:03}99999")
        lines = [
            "LDR nam0",
            f"010   $a{isbn}{self._mostly('', '$b精装')}$dCNY20.00",
            f"100   $a{self.draw.choice((2010, 2012))}010{self.draw.randrange(1, 9)}d{year}",
            "101 0 $achi",
            f"200 1 $a{title}$f{author}著",
            *self._mostly([], ["205   $a第2版"]),
            f"210   $a北京$c{self.draw.choice(_HOUSES)}$d{year}",
            f"215   $a{self._mostly(359, 410)}页$d{self._mostly('21cm', '24cm')}",
            *self._mostly([], ["225 2 $a文学丛书"], ["300   $a文学丛书"]),
            f"701  0$a{author}$4著",
            *self._mostly([], [f"801  0$aCN$b{self.draw.choice(('NKU', 'PKU'))}$c20120101"]),
        ]
        if self.draw.random() < 0.95:
            lines.insert(1, f"001 {number}")
        for copy in range(self.draw.randint(0, 2)):
            owner = self._mostly(library, "PKU")
            lines.append(f"999   $aI247.5/{self.draw.randint(1, 2)}$i{owner}{number}{copy}$m{owner}$u3/1/2013")
        return lines


def _isbn(core: str) -> str:
    """Twelve digits with their check digit."""
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(core))
    return f"{core}{-total % 10}"
