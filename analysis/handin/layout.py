"""How a document to be handed in looks: one type, page numbers, tables with few rules, widths by content."""

import re

import pandas as pd
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import BaseStyle
from docx.table import Table

from analysis.outputs import excel, word
from analysis.outputs.paper import PaperTable

TYPE = "Arial"
"""On every machine, or replaced there by one of the same widths."""
LOOK, NOTE, CELL = "Study table", "Table note", "Table cell"
SIZES = (8.0, 7.0, 6.5, 6.0, 5.5, 5.0)
"""Points of the cells of a table: the largest in which its longest words fit is taken."""
UPRIGHT, ACROSS = Mm(170), Mm(257)
"""The widths of the text on pages that stand upright and on those that lie across."""
COLUMNS = 9
"""A table of more lies across."""
SHORT, LAST = 5, 2
"""Rows of a table that no page splits, and how many at the end of a longer one stay with its note."""
LETTER = 0.58
"""The width of a letter, against the size of its type: a little more than most have, as heads are bold."""
PADDING, BODY, TOKEN = 2.5, 140, 36
"""Letters that the sides of a cell take; those of a long cell that count, and of a long word."""
LINES, TALLEST = 4, 35
"""The lines that a rather long cell and the longest cell of a column may take, in which pages are read."""
ENDS = re.compile(r"[\s\-–/]+")
"""Where a line may end in a text."""
RULES = (
    "<w:tblPr {}><w:tblBorders>"
    '<w:top w:val="single" w:sz="8" w:space="0" w:color="222222"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="222222"/>'
    '<w:insideH w:val="single" w:sz="2" w:space="0" w:color="C8C8C8"/>'
    '</w:tblBorders><w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
    '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
)
UNDER_HEAD = (
    '<w:tblStylePr {} w:type="firstRow"><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="6" w:space="0" w:color="222222"/></w:tcBorders>'
    '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>'
)


def begun(title: str, about: str = "", landscape: bool = False) -> Document:
    """A document that begins with its title and what it is, on pages that stand upright or lie across."""
    document = word.begun(title)
    word.turn(document, landscape)
    document.core_properties.language = "en-GB"
    for name, size in (("Normal", 10), ("Title", 20), ("Heading 1", 15), ("Heading 2", 12), ("Caption", 9)):
        _set_type(document.styles[name], size)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    document.styles["Caption"].paragraph_format.space_before = Pt(10)
    document.styles["Caption"].font.bold = False  # but for its label and number
    _add_looks(document)
    word.add_page_numbers(document)
    document.add_paragraph(title, style="Title")
    if about:
        document.add_paragraph(about)
    return document


def _set_type(style: BaseStyle, size: float) -> None:
    style.font.name, style.font.size, style.font.color.rgb = TYPE, Pt(size), RGBColor(0x22, 0x22, 0x22)
    fonts = style.element.rPr.rFonts
    for which in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # would come before the name
        fonts.attrib.pop(qn(f"w:{which}"), None)
    for which in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{which}"), TYPE)


def _add_looks(document: Document) -> None:
    """The looks of tables, of their notes and, by size, of their cells."""
    look = word.add_table_style(document, LOOK)
    look.append(parse_xml(RULES.format(nsdecls("w"))))
    look.append(parse_xml(UNDER_HEAD.format(nsdecls("w"))))
    word.add_style(document, NOTE, 7.5)
    document.styles[NOTE].paragraph_format.space_before = Pt(3)
    document.styles[NOTE].paragraph_format.space_after = Pt(14)


def add_table(document: Document, table: PaperTable) -> None:
    """A table with its caption above and its note below, on pages that lie as it needs them.

    One without columns is its caption and its note.
    """
    if table.columns:
        word.add_section(document, lies_across(table))
    word.add_caption(document, table.caption)
    if table.columns:
        grid = add_grid(document, table, fitting(table, word.text_width(document)))
        first = 0 if len(table.frame) <= SHORT else -LAST
        word.keep_together(grid, slice(first, None if table.note else -1))
    if table.note:
        document.add_paragraph(table.note, style=NOTE)


def add_grid(document: Document, table: PaperTable, size: float) -> Table:
    """The table alone in type of so many points, numbers to the right."""
    left, right = (word.add_style(document, f"{CELL} {size:g}{side}", size) for side in ("", " right"))
    for name in (left, right):
        document.styles[name].paragraph_format.space_after = Pt(0)
    document.styles[right].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    numbers = [name for name in table.columns if excel.is_numeric(table.frame[name])]
    return word.add_table(document, table, LOOK, left, dict.fromkeys(numbers, right))


def lies_across(table: PaperTable) -> bool:
    """Whether a table is too wide for a page that stands upright."""
    return len(table.columns) > COLUMNS or needed(table) > letters(UPRIGHT, SIZES[0])


def fitting(table: PaperTable, width: int) -> float:
    """The largest size of type in which a table is as wide as it has to be; the smallest, if none is."""
    wide = needed(table)
    return next((size for size in SIZES if wide <= letters(width, size)), SIZES[-1])


def letters(width: int, size: float) -> float:
    """How many letters of a size go into a line as wide as `width`, in EMU."""
    return width / Pt(1) / (size * LETTER)


def needed(table: PaperTable) -> float:
    """How many letters wide a table has to be so that no word is broken and no cell is as tall as a page."""
    return sum(_least(*one) for one in _columns(table))


def widths(headings: tuple[str, ...], frame: pd.DataFrame) -> tuple[float, ...]:
    """How wide columns are against each other: as they have to be, and what is left by their texts."""
    columns = [(head, frame[name]) for head, name in zip(headings, frame, strict=True)]
    least = [_least(*one) for one in columns]
    more = [max(_usual(texts) - word, 1) for (_, texts), word in zip(columns, least, strict=True)]
    left = max(letters(ACROSS if len(columns) > COLUMNS else UPRIGHT, SIZES[0]) - sum(least), 0)
    return tuple(word + left * part / sum(more) for word, part in zip(least, more, strict=True))


def _columns(table: PaperTable) -> list[tuple[str, pd.Series]]:
    return [(head, table.frame[name]) for head, name in zip(table.headings, table.columns, strict=True)]


def _least(heading: str, texts: pd.Series) -> float:
    """The letters that a column has to have: for its longest word, and for texts that are not too tall."""
    tallest = min(max(map(len, texts), default=0), word.TALL) / TALLEST
    return max(_longest(heading, texts), _usual(texts) / LINES, tallest) + PADDING


def _longest(heading: str, texts: pd.Series) -> int:
    """The letters of the longest word, which hyphens and blanks end."""
    words = (word for text in {*texts} for word in ENDS.split(text))
    longest = max((len(word) + 1 for word in words if word), default=0)
    return min(max(longest, *map(len, heading.split())), TOKEN)


def _usual(texts: pd.Series) -> int:
    """The letters of a rather long cell: one in ten is longer."""
    lengths = sorted(map(len, texts))
    return min(lengths[len(lengths) * 9 // 10], BODY) if lengths else 0
