"""The workbook: a sheet for each table, and a first one that says what is in it."""

import re
from collections.abc import Iterable

import pandas as pd

from analysis.handin import document
from analysis.handin.descriptions import Description
from analysis.handin.material import Material
from analysis.outputs import excel
from analysis.outputs.excel import Line, Sheet

FIRST = "read me"
SHARE = re.compile(r"(the|their|its) share\b|count divided by denominator|.*\bpart of all\b|.* for share\b")
"""How the meaning of a column begins whose numbers are shares."""
ROUNDED = (
    "Numbers are those of the CSV files; what is shown of them is rounded. A text that a spreadsheet would "
    "take for a formula is marked as a text and is as it was."
)
OPPOSITE = "its upper end"
"""The meaning of a column that is of the kind of the one before it."""


def written(material: Material) -> bytes:
    """The workbook; the same bytes for the same results."""
    tables = _tables(material)
    sheets = [
        Sheet(name, excel.as_numbers(cells), shares(cells, told))
        for name, (_, cells, told) in zip(sheet_names(material), tables, strict=True)
    ]
    return excel.workbook(sheets, [*_front(material)], FIRST)


def sheet_names(material: Material) -> list[str]:
    """The name of each table's sheet, in the order of the sheets."""
    printed = [table.name for table in [*material.main, *material.appendix]]
    return excel.names([*printed, *(one.name for one in material.results)], [FIRST])


def _tables(material: Material) -> list[tuple[str, pd.DataFrame, Description]]:
    """The caption, the cells and the description of each table."""
    own = [(table.caption, table.frame, Description()) for table in [*material.main, *material.appendix]]
    return own + [(one.caption, one.cells, one.told) for one in material.results]


def shares(cells: pd.DataFrame, told: Description) -> frozenset[str]:
    """The columns whose numbers are shares of something, as their description says, and not in per cent."""
    found: list[str] = []
    before = ""
    for name in cells:
        what = told.columns.get(name, ("", ""))[1]
        if SHARE.match(what) or (what == OPPOSITE and before in found):
            found.append(name)
        before = name
    return frozenset(found)


def _front(material: Material) -> Iterable[Line]:
    """What the study is, what each sheet is, what each column is, how it was made."""
    yield Line((material.study.title,), "title")
    yield from (Line((text,)) for text in document.about(material))
    yield Line((ROUNDED,))
    yield Line()
    yield Line(("Sheet", "Rows", "", "What it is"), "head")
    tables = [*zip(sheet_names(material), _tables(material), strict=True)]
    for name, (caption, cells, _) in tables:
        yield Line((name, f"{len(cells):,}", "", caption), to=name)
    yield Line()
    yield Line(("Sheet", "Column", "Unit", "What it holds"), "head")
    for name, (_, cells, told) in tables:
        for column in cells:
            if column in told.columns:
                yield Line((name, column, *told.columns[column]), to=name)
