"""What a measurement hands back, and the document made of it."""

import os
import platform
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Written by `make bench`. Times depend on the machine, and this one was small; what counts are the ratios within one run.
Each part can be repeated alone by the command under its title, in the virtual environment (`.venv/bin/python`);
`--quick` makes it short and leaves this document as it is.
"""


@dataclass
class Table:
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append([_shown(cell) for cell in cells])

    def lines(self) -> list[str]:
        rows = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        return [f"| {' | '.join(row)} |" for row in rows]


@dataclass
class Section:
    """One part of the document: its text, tables, and the aims with whether they were met."""

    name: str
    title: str
    about: str
    tables: list[Table] = field(default_factory=list)
    aims: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self, *columns: str) -> Table:
        self.tables.append(Table(list(columns)))
        return self.tables[-1]

    def aim(self, what: str, value: float, most: float, unit: str = "") -> None:
        """Something that should be at most `most`."""
        verdict = "met" if value <= most else "**missed**"
        self.aims.append(f"{verdict}: {what} {_shown(value)}{unit} (aim: at most {_shown(most)}{unit})")

    def fact(self, what: str, holds: bool) -> None:
        self.aims.append(f"{'met' if holds else '**missed**'}: {what}")

    def text(self) -> str:
        command = f"`python -m tests.bench --only {self.name}`, {datetime.now(UTC):%Y-%m-%d}, {machine()}"
        parts = [f"## {self.title}", command, self.about]
        parts += ["\n".join(table.lines()) for table in self.tables]
        parts += ["\n".join(f"- {line}" for line in lines) for lines in (self.aims, self.notes) if lines]
        return "\n\n".join(parts)


def machine() -> str:
    """What of the machine matters, without naming it."""
    cores = len(os.sched_getaffinity(0))
    return f"CPython {platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores"


def write(sections: list[Section], order: list[str]) -> None:
    """Put these sections into the document and keep the others."""
    kept = _sections_of(DOCUMENT.read_text()) if DOCUMENT.exists() else {}
    kept.update({section.name: section.text() for section in sections})
    bodies = [f"<!-- {name} -->\n{kept[name]}\n<!-- end -->" for name in order if name in kept]
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n\n".join([_HEAD.strip(), *bodies]) + "\n")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _sections_of(document: str) -> dict[str, str]:
    return dict(re.findall(r"<!-- (\S+) -->\n(.*?)\n<!-- end -->", document, re.DOTALL))


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
