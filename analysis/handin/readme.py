"""The page that says what is in a hand-in, how it was made, and what is left open."""

from collections.abc import Iterable

import pandas as pd

from analysis.handin import coreq, document, methods
from analysis.handin.answers import OPEN
from analysis.handin.material import Material
from analysis.outputs.formats import plain

FILES = {
    "tables-and-figures.docx": "the tables and figures in the order of the paper, with captions, notes and "
    "words for whoever does not see a figure; in the appendix every table of results",
    "tables.xlsx": "the same tables as sheets; the first explains the others",
    "latex/handin.tex": "the same for LaTeX, with a file for each table and figure beside it; run "
    "`pdflatex handin.tex` twice",
    "coreq.docx": "the COREQ checklist: what data answer is filled in, what is open is coloured",
    "coreq.csv": "the same as a table",
    "methods.docx": "a paragraph for the methods with counted numbers, and what the authors must add",
    "methods.md": "the same as Markdown",
}


def page(material: Material, found: pd.DataFrame) -> bytes:
    """The page as Markdown."""
    return ("\n".join(_lines(material, found)) + "\n").encode()


def _lines(material: Material, found: pd.DataFrame) -> Iterable[str]:
    yield f"# To be handed in: {plain(material.study.title)}"
    yield from ("\n" + plain(text) for text in document.about(material))
    yield "\n## Files\n\n| file | what it is |\n| --- | --- |"
    yield from (f"| `{name}` | {about} |" for name, about in FILES.items())
    yield (
        f"\nWritten by `make handin STUDY={material.study.name}`. The same results make the same bytes. "
        "Cells are those of the CSV files; only heads of columns have blanks in Word and LaTeX where names "
        "have underscores, and Excel shows rounded numbers."
    )
    yield f"\n## What is left open\n\n{coreq.sentence(found)} Open are:\n"
    yield from (f"- {row.item}, {row.name}" for row in found[found["status"] == OPEN].itertuples(index=False))
    yield "\nFor the methods the authors must add:\n"
    yield from (f"- {one}" for one in methods.LEFT)
    if lacking := [one.caption for one in material.results if one.cells.empty]:
        yield "\nTables of which no row can be computed from this record:\n"
        yield from (f"- {plain(caption)}" for caption in lacking)
