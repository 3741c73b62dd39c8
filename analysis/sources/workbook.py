"""The cells of a workbook as JSON, read in a process of its own: `python -I workbook.py FILE`.

What reads workbooks is compiled: a damaged file may end its whole process, fill the memory or never come to
an end. That is then this process and not the one that asked.
"""

import contextlib
import datetime as dt
import json
import sys

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum

HALF = 500_000
"""Microseconds from which a time is rounded up."""
MOST_MEMORY = 4 * 2**30
MOST_CELLS = 5_000_000
"""Of one sheet, blank ones included. A hundred thousand coded passages in fifty columns."""


class TooLargeError(Exception):
    """A sheet of more cells than any study has."""


def main(path: str) -> dict:
    """The sheets of a workbook, `name, rows, height`; or a word on what is wrong, `error`."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows and macOS set no such limit
        import resource  # noqa: PLC0415 - not there on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        return {"sheets": _sheets(CalamineWorkbook.from_path(path))}
    except PasswordError:
        return {"error": "password"}
    except TooLargeError as error:
        return {"error": "large", "says": str(error)}
    except BaseException as error:  # noqa: BLE001 - a panic of the reader is a BaseException and no Exception
        return {"error": "damaged", "says": str(error).split("\n")[0][:200]}


def _sheets(book: CalamineWorkbook) -> list[dict]:
    found = []
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:  # charts and macros have no cells
            continue
        sheet = book.get_sheet_by_name(meta.name)
        height, width = (last + 1 for last in sheet.end) if sheet.end else (0, 0)
        if height * width > MOST_CELLS:
            raise TooLargeError(f'sheet "{meta.name}" has {height:,} rows and {width:,} columns')
        rows = [[shown(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        found.append({"name": meta.name, "rows": rows, "height": height})
    return found


def shown(cell: object) -> str:
    """A cell as text: whole numbers without a point, true and false in words, dates as 2024-03-01.

    >>> shown(3.0), shown(True), shown(dt.datetime(2024, 3, 1, 10, 20)), shown(dt.timedelta(hours=30))
    ('3', 'true', '2024-03-01T10:20:00', '30:00:00')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return _time(cell) if isinstance(cell, dt.date | dt.time | dt.timedelta) else str(cell)


def _time(cell: dt.date | dt.time | dt.timedelta) -> str:
    """A date or a time to the second: a spreadsheet's time is a fraction of a day and seldom exact."""
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if isinstance(cell, dt.datetime) and cell.microsecond >= HALF and cell.year < dt.MAXYEAR:
        cell += dt.timedelta(seconds=1)
    return cell.isoformat(timespec="seconds") if isinstance(cell, dt.datetime | dt.time) else cell.isoformat()


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
