"""Which cell wrote which file: executed notebooks say so in the metadata of what they show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Origin:
    """The run and the cell that wrote a file, and the words that stand for a picture."""

    run: str
    cell: str
    alt: str = ""


def wrote(cell: Mapping[str, Any]) -> dict[str, str]:
    """The paths that a cell says it has written, each with the words that stand for a picture."""
    said = (about for output in cell.get("outputs", []) for about in output.get("metadata", {}).values())
    return {
        path: about.get("alt", "")
        for about in said
        if isinstance(about, dict)
        for path in about.get("wrote", [])
    }


def origins(notebooks: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Origin]:
    """Where each file comes from, by its path; `notebooks` are runs with their executed notebooks."""
    return {
        path: Origin(run, cell["id"], alt)
        for run, notebook in notebooks
        for cell in notebook.get("cells", [])
        for path, alt in wrote(cell).items()
    }
