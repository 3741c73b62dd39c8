"""The same table as CSV, HTML, LaTeX, Word and Markdown, each with the same bytes every time."""

import html
import re
from collections.abc import Callable, Iterable

import pandas as pd

from analysis.outputs.excel import RUN
from analysis.outputs.latex import latex
from analysis.outputs.paper import PaperTable, spans
from analysis.outputs.word import word

THOUSAND = 1000
"""From here on decimals say nothing to a reader."""


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8, LF, a final newline, six significant digits; missing values are blank."""
    return frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode("utf-8")


def neutral(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before each text that a spreadsheet would take for a formula.

    Source: OWASP, CSV Injection: a cell that begins with one of = + - @, a tab or a line end may be run.

    >>> neutral(pd.DataFrame({"text": ["=1+1", "calm"]}))["text"].tolist()
    ["'=1+1", 'calm']
    """
    return frame.map(lambda cell: f"'{cell}" if isinstance(cell, str) and cell.startswith(RUN) else cell)


def html_frame(frame: pd.DataFrame, most: int = 20) -> str:
    """A frame as a table element: whole texts, missing values blank, the rest counted after `most` rows."""
    if frame.empty:
        return "<p>No rows.</p>"
    numbers = {column: pd.api.types.is_numeric_dtype(frame[column]) for column in frame}
    cells = frame.head(most).map(_shown)
    lines = ["<table>", "<thead><tr>"]
    lines += [_html_cell(str(column), "th", right=numbers[column]) for column in frame]
    lines += ["</tr></thead>", "<tbody>"]
    for _, row in cells.iterrows():
        lines.append("<tr>" + "".join(_html_cell(row[c], right=numbers[c]) for c in frame) + "</tr>")
    left = len(frame) - most
    more = f"<p>And {left} more row{'s' if left > 1 else ''}.</p>" if left > 0 else ""
    return "\n".join([*lines, "</tbody>", "</table>"]) + more


def text_frame(frame: pd.DataFrame, most: int = 20) -> str:
    """The same as plain text, for terminals."""
    if frame.empty:
        return "No rows."
    left = len(frame) - most
    more = f"\nAnd {left} more row{'s' if left > 1 else ''}." if left > 0 else ""
    return frame.head(most).map(_shown).to_string(index=False) + more


def _shown(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < THOUSAND else f"{value:,.0f}"
    return str(value)


def html_page(table: PaperTable) -> bytes:
    """A page of its own, readable without any other file."""
    title = html.escape(table.caption)
    look = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.5rem 0}"
        "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #bbb}"
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    page = f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}<style>{look}</style></head>\n<body>\n'
    return f"{page}{html_table(table)}\n</body>\n</html>\n".encode()


def html_table(table: PaperTable) -> str:
    """The table element alone: what a notebook shows."""
    lines = [f"<table>\n<caption>{html.escape(table.caption)}</caption>", "<thead><tr>"]
    lines += [_html_cell(heading, "th") for heading in table.headings]
    lines += ["</tr></thead>", "<tbody>"]
    for heading, rows in table.blocks():
        if heading:
            wide = len(table.columns)
            lines.append("<tr>" + _html_cell(heading, "th", wide=wide) + "</tr>")
        covers = {column: spans(rows, column, table.merged) for column in table.columns}
        for place, (_, row) in enumerate(rows.iterrows()):
            lines.append(
                "<tr>" + "".join(_html_cell(row[c], rows=covers[c][place]) for c in table.columns) + "</tr>"
            )
    note = f"\n<p>{html.escape(table.note)}</p>" if table.note else ""
    return "\n".join([*lines, "</tbody>", "</table>"]) + note


def _html_cell(text: str, tag: str = "td", rows: int = 1, wide: int = 1, right: bool = False) -> str:
    """A cell; its alignment stands in it because notebooks align every cell to the right."""
    side = ' style="text-align:right"' if right else ' style="text-align:left"'
    scope = {"th": ' scope="colgroup"' if wide > 1 else ' scope="col"'}.get(tag, "")
    over = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{wide}"' if wide > 1 else "")
    return f"<{tag}{scope}{over}{side}>{html.escape(text)}</{tag}>" if rows else ""


def markdown(table: PaperTable) -> bytes:
    """A pipe table; a section's heading is a row of its own."""
    lines = [
        plain(table.caption),
        "",
        _pipes(map(plain, table.headings)),
        _pipes(["---"] * len(table.columns)),
    ]
    for heading, rows in table.blocks():
        if heading:
            lines.append(_pipes([f"**{plain(heading)}**", *[""] * (len(table.columns) - 1)]))
        covers = {column: spans(rows, column, table.merged) for column in table.columns}
        for place, (_, row) in enumerate(rows.iterrows()):
            lines.append(_pipes([plain(row[c]) if covers[c][place] else "" for c in table.columns]))
    return ("\n".join([*lines, *(["", plain(table.note)] if table.note else [])]) + "\n").encode()


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_\[\]<>|&~$])", r"\\\1", text).replace("\n", "<br>")


WRITERS: dict[str, Callable[[PaperTable], bytes]] = {
    "csv": lambda table: csv(table.frame),
    "html": html_page,
    "tex": latex,
    "docx": word,
    "md": markdown,
}
