"""The Word document: the paper's tables and figures in their order, then an appendix with all results."""

from collections.abc import Iterable

from docx.document import Document
from docx.shared import Mm

from analysis.handin import layout
from analysis.handin.material import Material, Result
from analysis.outputs import word
from analysis.outputs.paper import PaperTable

MOST = 1000
"""Rows that are printed; longer tables are in the workbook only."""
TALLEST = Mm(215)
"""How tall a figure may be, with its caption on the same page."""


def written(material: Material) -> bytes:
    """The document; the same bytes for the same results."""
    document = layout.begun(material.study.title)
    for text in about(material):
        document.add_paragraph(text)
    if material.main:
        document.add_heading("Tables", 1)
        for table in material.main:
            layout.add_table(document, table)
    _add_figures(document, material)
    behind = [*material.appendix, *results(material)]
    first = next((table for table in behind if table.columns), None)
    word.add_section(document, bool(first) and layout.lies_across(first))  # the heading stands where it does
    document.add_heading("Appendix", 1)
    for table in behind:
        layout.add_table(document, table)
    return word.saved(document)


def about(material: Material) -> Iterable[str]:
    """What this is, and what has to be known of it, in a few sentences."""
    yield (
        "Tables and figures of the study, in the order of the paper; in the appendix every table of results. "
        f"They were written from the kept results of data/derived/{material.study.name}/, and nothing was "
        "computed anew. tables.xlsx has the same tables as sheets."
    )
    if material.simulated:
        yield "Simulated: the people of this study are invented, and so is what they say."
    if material.restricted:
        yield (
            "The study is restricted: this is what its release holds and no more. Figures are left out, as "
            "they are drawn from numbers that are not protected."
        )
    if said := material.package.get("citation"):
        yield f"Source: {said}"
    if licences := [one.get("title", one.get("name", "")) for one in material.package.get("licenses", [])]:
        yield f"Licence of the data: {', '.join(licences)}."


def results(material: Material) -> list[PaperTable]:
    """The tables of results as they are printed, see `printable`."""
    return [printable(one, material.printed_as(one)) for one in material.results]


def printable(result: Result, above: PaperTable | None = None) -> PaperTable:
    """A table of results as it is printed: heads in words, cells as in the file, below what its columns are.

    An empty one, one of too many rows, or one whose rows stand in a printed table `above`, is a caption and a
    sentence on why nothing is below it.
    """
    rows = len(result.cells)
    if 0 < rows <= MOST and not above:
        heads = tuple(name.replace("_", " ") for name in result.cells)
        widths = layout.widths(heads, result.cells)
        return PaperTable(
            result.name, _sentence(result.caption), result.cells, heads, note=result.note, widths=widths
        )
    why = f"It has {rows:,} rows, and is the sheet {result.name} of tables.xlsx." if rows else _empty(result)
    if rows and above:
        printed = above.caption.partition(". ")[0].strip()
        why = f"Its rows are {printed}. With all columns they are the sheet {result.name} of tables.xlsx."
    return PaperTable(result.name, _sentence(result.caption), result.cells[[]][:0], (), note=why)


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."


def _empty(result: Result) -> str:
    why = f"the notebook {result.run} says why" if result.run else "its source has none"
    return f"No row can be computed from this record; {why}. {result.told.empty}".strip()


def _add_figures(document: Document, material: Material) -> None:
    """Each figure with its words, and its caption below; then those for which there was nothing to draw."""
    if not material.pictures:
        return
    word.add_section(document, landscape=False)
    document.add_heading("Figures", 1)
    for caption, picture in material.figures:
        word.add_figure(document, picture.png, picture.alt, tallest=TALLEST)
        word.add_caption(document, caption, above=False)
    if lacking := [one.caption for one in material.pictures if not one.drawn]:
        document.add_paragraph(f"Not drawn. {' '.join(lacking)}")
