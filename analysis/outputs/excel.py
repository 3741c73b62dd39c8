"""Tables as a workbook of Excel, with the same bytes every time."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CUT = " … [cut here: a cell of Excel holds no more]"
LONGEST, WIDE, NARROW = 32_767, 60, 9
"""Signs that a cell of Excel may have, and the widths of a column of long and of short texts."""
NAME = 31
"""Letters that the name of a sheet may have."""
LINE, TALLEST = 15, 405
"""Points: the height of a line of text, and the most that a row may have."""
FRONT = (34, 30, 16, 90)
"""The widths of the columns of the first sheet."""
RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet would run."""
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d*[1-9])?(e[+-]\d{2})?")
"""A text that is the same number as a cell of Excel, which keeps 15 digits, and no zeros in front or at the
end: codes 1.1 and 1.10 are two."""
LOOKS = {
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1},
    "text": {"text_wrap": True, "valign": "top"},
    "quoted": {"text_wrap": True, "valign": "top", "quote_prefix": True},
    "whole": {"num_format": "0", "valign": "top"},
    "decimal": {"num_format": "0.000", "valign": "top"},
    "share": {"num_format": "0.0%", "valign": "top"},
    "link": {"font_color": "#0563C1", "underline": 1, "text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 14},
}
"""How cells look. A text that could be run is marked as text by `quote_prefix`, and is as it was."""


@dataclass(frozen=True)
class Sheet:
    """A frame on a sheet of that name. Columns of `shares` are shown as per cent, and are what they were."""

    name: str
    frame: pd.DataFrame
    shares: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """A line of the first sheet: texts side by side, the first of which may lead to the sheet `to`."""

    cells: tuple[str, ...] = ()
    look: str = "text"
    to: str = ""


def xlsx(sheets: dict[str, pd.DataFrame]) -> bytes:
    """An Excel file with a sheet for each frame: texts are texts whatever they begin with, the head stays.

    The same frames are the same bytes. A text longer than a cell may be is cut, and says so at its end.
    """
    return workbook([Sheet(name, frame) for name, frame in sheets.items()])


def workbook(sheets: Sequence[Sheet], front: Sequence[Line] = (), first: str = "read me") -> bytes:
    """The same of sheets that say which of their numbers are shares, behind one that explains them."""
    out = io.BytesIO()
    kept = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, kept) as book:
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        looks = {name: book.add_format(look) for name, look in LOOKS.items()}
        if front:
            _write_front(book.add_worksheet(first), front, looks)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, looks)
    return out.getvalue()


def names(wanted: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """A name for a sheet for each of the wanted ones: short enough, of legal signs, and no two alike.

    >>> names(["a" * 40, "A" * 40, "x/y"])
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAA 2', 'x-y']
    """
    found: list[str] = []
    for name in wanted:
        plain = re.sub(r"[\[\]:*?/\\]", "-", name).strip("'")[:NAME] or "sheet"
        number, free = 2, plain
        while free.casefold() in {one.casefold() for one in (*found, *taken)}:
            free = f"{plain[: NAME - len(f' {number}')]} {number}"
            number += 1
        found.append(free)
    return found


def is_numeric(texts: pd.Series) -> bool:
    """Whether a column of texts holds numbers and blanks only, and at least one number."""
    given = texts[texts != ""]
    return len(given) > 0 and given.map(lambda text: bool(NUMBER.fullmatch(text))).all()


def as_numbers(texts: pd.DataFrame) -> pd.DataFrame:
    """A frame of texts with numbers in the place of columns of them, and nothing in the place of blanks.

    >>> as_numbers(pd.DataFrame({"n": ["1", ""], "id": ["007", "8"]})).to_dict("list")
    {'n': [1, None], 'id': ['007', '8']}
    """
    return pd.DataFrame(
        {name: _converted(texts[name]) for name in texts}, columns=texts.columns, dtype=object
    )


def _converted(texts: pd.Series) -> pd.Series:
    """The texts as whole numbers, as decimals, or as they are; blanks are missing."""
    kind = str
    if is_numeric(texts):
        kind = int if texts.str.fullmatch(r"-?\d*").all() else float
    return pd.Series([kind(text) if text else None for text in texts], texts.index, dtype=object)


def _set_heights(
    sheet: Worksheet, rows: Sequence[Sequence[str]], widths: Sequence[int], first: int = 0
) -> None:
    """As tall as the lines of the longest text take: not every program finds that out for itself."""
    for row, texts in enumerate(rows, start=first):
        lines = max((_lines(text, width) for text, width in zip(texts, widths, strict=False)), default=1)
        if lines > 1:
            sheet.set_row(row, min(LINE * lines, TALLEST))


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column; words do not fill them to the end."""
    return sum(1 + int(len(part) / width) for part in text.split("\n"))


def _write_sheet(sheet: Worksheet, given: Sheet, looks: dict[str, Format]) -> None:
    frame = given.frame
    _set_print(sheet)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(frame), 1), max(len(frame.columns) - 1, 0))
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(frame) + 1}"})
    widths = []
    for column, title in enumerate(frame.columns):
        cells = [*frame[title].astype(object)]
        look = _look(cells, share=title in given.shares)
        widths.append(_width(str(title), cells))
        sheet.set_column(column, column, widths[-1], looks[look])
        sheet.write_string(0, column, str(title), looks["head"])
        for row, cell in enumerate(cells, start=1):
            _write_cell(sheet, row, column, cell, looks, look)
    texts = ((str(cell) for cell in row) for row in frame.astype(object).itertuples(index=False))
    _set_heights(sheet, [[*row] for row in texts], widths, first=1)


def _set_print(sheet: Worksheet) -> None:
    """Printed on A4 across, and as wide as a page."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _look(cells: list[object], share: bool) -> str:
    """How the cells of a column look: texts, per cent, decimals, or whole numbers."""
    given = [cell for cell in cells if not pd.isna(cell)]
    if not given or not all(_is_number(cell) for cell in given):
        return "text"
    if share:
        return "share"
    return "whole" if all(cell == int(cell) for cell in given) else "decimal"


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _width(title: str, cells: list[object]) -> int:
    """As wide as the longest text, within limits; the sign of the filter stands beside the title."""
    longest = max((len(f"{cell:.3f}" if isinstance(cell, float) else str(cell)) for cell in cells), default=0)
    return min(max(longest + 2, len(title) + 4, NARROW), WIDE)


def _write_cell(
    sheet: Worksheet, row: int, column: int, cell: object, looks: dict[str, Format], look: str
) -> None:
    if pd.isna(cell):
        return
    if _is_number(cell):
        sheet.write_number(row, column, cell, looks[look])
        return
    text = str(cell)
    shown = text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT
    sheet.write_string(row, column, shown, looks["quoted" if text.startswith(RUN) else "text"])


def _write_front(sheet: Worksheet, lines: Sequence[Line], looks: dict[str, Format]) -> None:
    """Lines of texts; of a single one the cell is not broken, as nothing stands beside it."""
    _set_print(sheet)
    for column, width in enumerate(FRONT):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    for row, line in enumerate(lines):
        for column, text in enumerate(line.cells):
            if line.to and column == 0:
                sheet.write_url(row, 0, f"internal:'{line.to}'!A1", looks["link"], text)
            elif len(line.cells) == 1 and line.look == "text":
                sheet.merge_range(row, 0, row, len(FRONT) - 1, text, looks["text"])
            else:
                sheet.write_string(row, column, text, looks[line.look])
    across = [[line.cells, (sum(FRONT),)] if len(line.cells) == 1 else [line.cells, FRONT] for line in lines]
    for row, (texts, widths) in enumerate(across):
        _set_heights(sheet, [texts], widths, first=row)
