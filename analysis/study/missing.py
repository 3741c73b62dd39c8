"""Files that are not where they are looked for, and what lies there instead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.study.problems import Problem, alike, listed, nearest

HIDDEN = ("~$", ".", "._")
"""How files begin that programs leave beside an open one."""
ALIKE = 0.85
"""Letters that a misspelt name shares with the right one."""


def study(name: str, known: list[str]) -> Problem:
    """A study that is not there."""
    says = f'"{name}" is no study here; the folder has {listed(known) or "none"}'
    return Problem("datapackage.json", None, None, says, nearest(name, known))


def package(path: Path) -> Problem:
    """A study without its datapackage.json."""
    likely = _likely(path, [".json"])
    hint = f'rename "{likely}", if that is it' if likely else "make study STUDY=another writes one to copy"
    says = f"the file is missing; every study needs it to say by what people are compared: {hint}"
    return Problem(path.name, None, None, says)


def table(path: Path) -> Problem:
    """A table that every study needs."""
    says = "the file is missing; every study needs it"
    likely = _likely(path, [".csv", ".txt", ".tsv", ""])
    book = _likely(path, [".xlsx", ".xls", ".ods", ".numbers"])
    if likely:
        says += f': rename "{likely}", if that is it'
    elif book:
        says += f', and "{book}" is a workbook: save its sheet as "CSV UTF-8" under the name {path.name}'
    return Problem(path.name, None, None, says)


def misnamed(folder: Path, contract: dict[str, Any]) -> Iterator[Problem]:
    """CSV files that are probably meant to be a table that need not be there, and so would not be missed."""
    tables = {f"{name}.csv" for name in contract}
    others = [name for name, schema in contract.items() if not schema.get("required")]
    for path in _files(folder):
        if path.name not in tables and path.suffix.lower() == ".csv":
            meant = alike(_stem(path.name), others, ALIKE)
            if meant and not (folder / f"{meant}.csv").exists():
                says = f"no table is called so; rename it to {meant}.csv, if that is meant, or else"
                says += " to a name less like it"
                yield Problem(path.name, None, None, says)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(HIDDEN))


def _stem(name: str) -> str:
    return name.lower().split(".")[0].split(" (")[0].removesuffix(" - copy").strip()


def _likely(path: Path, endings: list[str]) -> str | None:
    """The file that is probably meant: another case or ending, a copy, a letter or two."""
    there = {_stem(one.name): one.name for one in _files(path.parent) if one.suffix.lower() in endings}
    found = alike(path.stem, there, ALIKE)
    return there[found] if found else None
