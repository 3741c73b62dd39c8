"""Tables of the paper as they were printed, read back from their kept files.

So that whatever a notebook prints is handed in, and nothing is made anew that could come out otherwise.
"""

import re
from pathlib import Path

import lxml.html
import pandas as pd

from analysis.handin.refusal import HandinError
from analysis.outputs import formats
from analysis.outputs.paper import PaperTable


def table(folder: Path, name: str) -> PaperTable:
    """The table that a folder has as `<name>.csv`, `.html` and `.tex`; HandinError, if these tell of two."""
    frame = as_text(folder / f"{name}.csv")
    page = lxml.html.document_fromstring((folder / f"{name}.html").read_bytes())
    (grid,) = page.iter("table")
    headings = tuple(cell.text_content() for cell in grid.iterfind("thead/tr/th"))
    section = frame.columns[0] if len(headings) < len(frame.columns) else None
    read = PaperTable(
        name=name,
        caption=grid.findtext("caption") or "",
        frame=frame,
        headings=headings,
        section=section,
        merged=_merged(grid, [*frame.columns.drop([section] if section else [])]),
        note="\n".join(paragraph.text_content() for paragraph in page.iter("p")),
        widths=_widths(folder / f"{name}.tex"),
    )
    if _words(formats.html_page(read)) != _words((folder / f"{name}.html").read_bytes()):
        raise HandinError(f"{name}.csv and {name}.html do not say the same; run make reproduce first")
    return read


def as_text(path: Path) -> pd.DataFrame:
    """A table with every cell as it stands in the file."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _merged(grid: lxml.html.HtmlElement, columns: list[str]) -> tuple[str, ...]:
    """The columns of which a cell covers several rows."""
    found: set[str] = set()
    open_rows = dict.fromkeys(columns, 0)
    for row in grid.iterfind("tbody/tr"):
        cells = [cell for cell in row.iterchildren("td", "th") if not cell.get("colspan")]
        free = [name for name in columns if not open_rows[name]]
        open_rows = {name: max(rows - 1, 0) for name, rows in open_rows.items()}
        for name, cell in zip(free, cells, strict=False):
            if (rows := int(cell.get("rowspan", 1))) > 1:
                found.add(name)
                open_rows[name] = rows - 1
    return tuple(name for name in columns if name in found)


def _widths(path: Path) -> tuple[float, ...]:
    """How wide columns are against each other, as the LaTeX file has it."""
    found = re.findall(r"\\dimexpr ([0-9.]+)\\linewidth", path.read_text(encoding="utf-8"))
    return tuple(map(float, found))


def _words(page: bytes) -> str:
    body = lxml.html.document_fromstring(page).find("body")
    return " ".join(body.text_content().split())
