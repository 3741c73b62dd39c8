"""How the columns of known exports are called, and where in a sheet their names stand."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from analysis.sources.grid import Sheet

TABLE = "a table"
"""What a sheet is that no tool is known for."""
LOOKED_AT = 10
"""Among so many rows the header is looked for."""


@cache
def known() -> dict[str, dict[str, list[str]]]:
    """Of each export, and last of any table, how its columns are called."""
    return tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))


def plain(name: str) -> str:
    """A column's name as it is compared.

    >>> plain(" Excerpt_ID ")
    'excerpt id'
    """
    return re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFC", name)).strip().casefold()


def header_row(sheet: Sheet) -> int:
    """The row with most known names among the first, or else the first that is not blank."""
    names = {name for kind in known().values() for several in kind.values() for name in several}
    counts = [sum(plain(cell) in names for cell in row) for row in sheet.rows[:LOOKED_AT]]
    if any(counts):
        return counts.index(max(counts)) + 1
    return next((row for row, cells in enumerate(sheet.rows, start=1) if any(map(str.strip, cells))), 1)


def by_name(kind: str, names: list[str]) -> dict[str, str]:
    """The role of each column whose name is known, one column a role."""
    places = {plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for role, several in known()[kind].items():
        there = [places[name] for name in several if name in places and places[name] not in found.values()]
        if there and role not in ("needs", "beside", "not_attributes"):
            found[role] = there[0]
    return found
