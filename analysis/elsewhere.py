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

        A folder stands for all files of the format that are anywhere in it, but for those that are not ready
        or hidden, as their names or those of their folders begin with a dot or a line below.
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
            if whole.is_dir() and not folder.resolve().is_relative_to(whole.resolve()):
                found = whole.rglob(f"*.{self.format}")
                parts = {path: path.relative_to(whole).parts for path in found if path.is_file()}
                return sorted(path for path in parts if not any(one[0] in "._" for one in parts[path]))
            return sorted(path for path in base.glob(pattern) if path.is_file())
        except (ValueError, IndexError, RuntimeError, OSError):  # no home of that name, two stars in a name
            return []


FORMATS = ("parquet", "csv", "duckdb", "spark")
"""How a table may be stored that is not read into memory."""


def in_memory(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a CSV file of its own name in the study's folder, as roster.csv."""
    own = f"{resource.get('name')}.csv"
    return resource.get("format", "csv") == "csv" and Path(str(resource.get("path", own))) == Path(own)


def references(package: Mapping[str, Any]) -> dict[str, Reference]:
    """The tables that a datapackage.json says to lie elsewhere, by name.

    What is no text is there as it is, to be found wrong.
    """
    found = package.get("resources", [])
    resources = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {
        str(one.get("name")): Reference(
            *(str(one.get(key, "")) for key in ("name", "format", "path", "table"))
        )
        for one in resources
        if one.get("format") in FORMATS and not in_memory(one)
    }
