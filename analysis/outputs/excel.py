"""Tables as a workbook of Excel, with the same bytes every time."""

import io
from datetime import UTC, datetime

import pandas as pd
import xlsxwriter

CUT = " … [cut here: a cell of Excel holds no more]"
LONGEST, WIDE = 32_767, 60
"""Signs that a cell of Excel may have, and the width of a column of long texts."""


def xlsx(sheets: dict[str, pd.DataFrame]) -> bytes:
    """An Excel file with a sheet for each frame: texts are texts whatever they begin with, the head stays.

    The same frames are the same bytes. A text longer than a cell may be is cut, and says so at its end.
    """
    out = io.BytesIO()
    kept = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, kept) as book:
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        head, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(frame), 1), max(len(frame.columns) - 1, 0))
            for column, title in enumerate(frame.columns):
                long = frame[title].astype("str").str.len().max() > WIDE if len(frame) else False
                sheet.set_column(column, column, WIDE if long else 16, wrapped)
                sheet.write_string(0, column, str(title), head)
                for row, cell in enumerate(frame[title].astype(object), start=1):
                    _write_cell(sheet, row, column, cell)
    return out.getvalue()


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: object) -> None:
    if pd.isna(cell):
        return
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        text = str(cell)
        sheet.write_string(row, column, text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT)
    else:
        sheet.write_number(row, column, cell)
