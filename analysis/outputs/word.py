"""Word documents, and the pieces that they are made of: captions, tables, notes, figures, sections.

`begun` starts one, `saved` ends it with the same bytes for the same content. Between them pieces are put one
below the other. A caption's number is a field, so that Word can list tables and figures and count them.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.styles import CT_Style
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from analysis.outputs.paper import PaperTable, spans

SHORT, LONG, SIDE = Mm(210), Mm(297), Mm(20)
"""The sides of A4, and the margin all around."""
LONGEST = 255
"""Signs that a property of a document may have."""
TALL = 2000
"""Signs of a text that may be taller than a page: the row that it stands in is split."""
NUMBERED = re.compile(r"(?P<before>.*?)\b(?P<kind>Table|Figure) (?P<letter>[A-Z]?)(?P<number>\d+)(?=\W)")
"""How a caption with a number begins: `Table 1.`, `Simulated. Table A1.`, `Figure 3.`"""
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that no file of Word can hold: the sign for a lost one takes their place."""


def word(table: PaperTable) -> bytes:
    """A Word document with a real table on A4: caption above, repeated head row, note below."""
    document = begun(table.caption)
    document.add_paragraph(table.caption, style="Caption")
    add_table(document, table)
    if table.note:
        document.add_paragraph(table.note)
    return saved(document)


def begun(title: str) -> Document:
    """An empty document on A4 with black captions, and no clock and nobody's name among its properties."""
    document = docx.Document()
    properties = document.core_properties
    properties.created = properties.modified = datetime(2020, 1, 1, tzinfo=UTC)
    properties.author = properties.comments = ""
    properties.title = title[:LONGEST]
    page = document.sections[0]
    page.page_width, page.page_height = SHORT, LONG
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = SIDE
    document.styles["Normal"].font.size = Pt(9)
    document.styles["Caption"].font.color.rgb = RGBColor(0, 0, 0)
    document.styles["Caption"].font.size = Pt(10)
    return document


def add_section(document: Document, landscape: bool = False) -> None:
    """Go on with pages that stand upright or lie across: on a new one, unless the pages are so already."""
    page = document.sections[-1]
    if (page.orientation == WD_ORIENT.LANDSCAPE) == landscape:
        return
    document.add_section(WD_SECTION.NEW_PAGE)
    turn(document, landscape)


def turn(document: Document, landscape: bool) -> None:
    """Let the pages of the last section stand upright or lie across."""
    page = document.sections[-1]
    page.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (LONG, SHORT) if landscape else (SHORT, LONG)


def text_width(document: Document) -> int:
    """The width that text has on the pages of the last section."""
    page = document.sections[-1]
    return page.page_width - page.left_margin - page.right_margin


def add_caption(document: Document, text: str, above: bool = True) -> Paragraph:
    """A caption; one that stands above something stays with it. Its number, if it has one, is a field.

    Tables, tables of an appendix (`Table A1`) and figures are counted by themselves.
    """
    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = above
    found = NUMBERED.match(text)
    if found:
        before, kind, letter, number = found.groups()
        paragraph.add_run(f"{before}{kind} {letter}").bold = True
        _add_field(paragraph, " ".join(["SEQ", f"{kind}_{letter}".strip("_"), "\\* ARABIC"]), number)
    paragraph.add_run(NO_XML.sub("\ufffd", text[found.end() :] if found else text))
    return paragraph


def _add_field(paragraph: Paragraph, says: str, cached: str) -> None:
    """What Word computes when its fields are updated, and what is read until then."""
    bold = paragraph.runs[-1].bold if paragraph.runs else None
    _mark(paragraph.add_run(), "begin")
    told = OxmlElement("w:instrText")
    told.set(qn("xml:space"), "preserve")
    told.text = f" {says} "
    paragraph.add_run()._r.append(told)  # noqa: SLF001 - python-docx has no call for fields
    _mark(paragraph.add_run(), "separate")
    paragraph.add_run(cached)
    _mark(paragraph.add_run(), "end")
    for run in paragraph.runs[-5:]:  # the number looks as its marks do
        run.bold = bold


def _mark(run: Run, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run._r.append(mark)  # noqa: SLF001 - likewise


def add_style(document: Document, name: str, points: float) -> str:
    """The name of a paragraph style of that size, which the document has from now on."""
    if name not in [style.name for style in document.styles]:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        style.font.size = Pt(points)
    return name


def add_table_style(document: Document, name: str) -> CT_Style:
    """The element of a new style of tables, in which its rules and margins have to be said."""
    return document.styles.add_style(name, WD_STYLE_TYPE.TABLE).element


def add_page_numbers(document: Document) -> None:
    """The number of each page at its foot; sections that begin later have the same foot."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_field(paragraph, "PAGE", "1")


def shade(grid: Table, row: int, column: int, colour: str) -> None:
    """Colour a cell, told by its place among the rows and among the cells of its row as they are written."""
    cell = grid._tbl.tr_lst[row].tc_lst[column]  # noqa: SLF001 - python-docx looks for cells among all rows
    shading = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour}"/>')
    cell.get_or_add_tcPr().append(shading)


def keep_together(grid: Table, rows: slice) -> None:
    """Let no page end behind any of these rows: each stays with what comes next, a note say."""
    for row in grid._tbl.tr_lst[rows]:  # noqa: SLF001 - python-docx looks for cells among all rows
        for paragraph in row.iter(qn("w:p")):
            paragraph.get_or_add_pPr().get_or_add_keepNext()


def add_table(
    document: Document,
    table: PaperTable,
    look: str = "Table Grid",
    style: str = "",
    aside: Mapping[str, str] | None = None,
) -> Table:
    """A real table as wide as the text: its head is repeated on each page, and no row is split by one that
    could stand on a page.

    `look` is a table style and `style` the paragraph style of every cell, but of columns with another one
    `aside`. Caption and note are not in it.
    """
    grid = document.add_table(rows=0, cols=len(table.columns), style=look)
    grid.autofit = False
    widths = [int(text_width(document) * share) for share in table.shares()]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    styles = [style, *((aside or {}).get(name, style) for name in table.columns)]
    ids = [document.styles[one].style_id if one else "" for one in styles]
    over, *shapes = [f'<w:pPr><w:pStyle w:val="{one}"/></w:pPr>' if one else "" for one in ids]
    rows = "".join(_rows(table, [Length(width).twips for width in widths], shapes, over))
    # One parse for all rows: python-docx would take seconds for some hundreds of them.
    grid._tbl.extend(parse_xml(f"<w:tbl {nsdecls('w')}>{rows}</w:tbl>"))  # noqa: SLF001 - likewise
    return grid


def _rows(table: PaperTable, widths: list[int], shapes: list[str], shape: str) -> Iterable[str]:
    """The rows of a table as Word writes them, its head first; a heading over rows has a shape of its own."""
    head = zip(table.headings, widths, shapes, strict=True)
    yield _row([_cell(*one, bold=True) for one in head], "<w:tblHeader/>")
    for heading, rows in table.blocks():
        if heading:
            over = f'<w:gridSpan w:val="{len(widths)}"/>' if len(widths) > 1 else ""
            yield _row([_cell(heading, sum(widths), shape, over, bold=True)])
        covers = [spans(rows, name, table.merged) for name in table.columns]
        for texts, covered in zip(rows.itertuples(index=False), zip(*covers, strict=True), strict=True):
            cells = [_spanning(*one) for one in zip(texts, widths, shapes, covered, strict=True)]
            yield _row(cells, whole=max(map(len, texts)) <= TALL)


def _row(cells: list[str], head: str = "", whole: bool = True) -> str:
    """A row; one that is not `whole` may go on on the next page, where a renderer would else cut it off."""
    return f"<w:tr><w:trPr>{'<w:cantSplit/>' if whole else ''}{head}</w:trPr>{''.join(cells)}</w:tr>"


def _spanning(text: str, width: int, shape: str, rows: int) -> str:
    """A cell that covers so many rows; one without words, if the one above covers it."""
    if rows == 0:
        return _cell(None, width, shape, "<w:vMerge/>")
    return _cell(text, width, shape, '<w:vMerge w:val="restart"/>' if rows > 1 else "")


def _cell(text: str | None, width: int, shape: str, over: str = "", bold: bool = False) -> str:
    run = "" if text is None else f"<w:r>{'<w:rPr><w:b/></w:rPr>' if bold else ''}{_text(text)}</w:r>"
    return f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{over}</w:tcPr><w:p>{shape}{run}</w:p></w:tc>'


def _text(text: str) -> str:
    """Words, line ends and tabs as Word has them inside a run."""
    signs = {"\n": "<w:br/>", "\r": "<w:br/>", "\t": "<w:tab/>"}
    parts = re.split("([\n\r\t])", NO_XML.sub("\ufffd", text))
    return "".join(signs.get(part) or _words(part) for part in parts if part)


def _words(text: str) -> str:
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<w:t{space}>{escape(text)}</w:t>"


def add_figure(document: Document, png: bytes, alt: str, tallest: int | None = None) -> None:
    """A picture as wide as the text, or as tall as `tallest` in EMU, with words for who does not see it."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    picture = paragraph.add_run().add_picture(io.BytesIO(png), width=text_width(document))
    if tallest and picture.height > tallest:
        picture.width, picture.height = int(picture.width * tallest / picture.height), tallest
    picture._inline.docPr.set("descr", alt)  # noqa: SLF001 - python-docx has no call for it


def saved(document: Document) -> bytes:
    """The file with its parts in order and dated alike: python-docx stamps them with the clock."""
    written, fixed = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(parts.namelist()):
            dated = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            file.writestr(dated, parts.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
