"""Where the large tables of a study lie: what its datapackage.json says, and nothing opened.

Runs hash what they are made from, and have to know that before any notebook imports pandas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reference:
    """Where a table lies that is not read into memory, as the study's datapackage.json says it."""

    name: str
    format: str
    path: str
    table: str

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.path, self.table and f"table {self.table}"]))

    def files(self, folder: Path) -> list[Path]:
        """The files in which it lies, sorted, seen from the study's folder; none of a cluster's own table.

        A folder stands for all files of the format that are anywhere in it.
        """
        if not self.path:
            return []
        try:
            place = Path(self.path).expanduser()
            whole = folder / place
            if whole.is_file():  # whatever signs are in its name
                return [whole]
            base, pattern = folder, str(place)
            if place.is_absolute():
                base, pattern = Path(place.anchor), str(place.relative_to(place.anchor))
            if whole.is_dir() and whole.resolve() not in (folder.resolve(), Path(place.anchor)):
                base, pattern = whole, f"**/*.{self.format}"
            found = sorted(path for path in base.glob(pattern) if path.is_file())
        except (ValueError, IndexError, RuntimeError, OSError):  # no home of that name, two stars in a name
            return []
        return [path for path in found if not any(one[0] in "._" for one in path.relative_to(base).parts)]


FORMATS = ("parquet", "csv", "duckdb", "spark")
"""How a table may be stored that is not read into memory."""


def references(package: Mapping[str, Any]) -> dict[str, Reference]:
    """The tables that a datapackage.json says to lie elsewhere, by name.

    A table of its own name in the study's folder, as roster.csv, is read into memory. What is said of another
    format or of no text is there as it is, to be found wrong.
    """
    found = package.get("resources", [])
    resources = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {
        str(one.get("name")): Reference(
            *(str(one.get(key, "")) for key in ("name", "format", "path", "table"))
        )
        for one in resources
        if one.get("format") in FORMATS and Path(str(one.get("path"))) != Path(f"{one.get('name')}.csv")
    }
