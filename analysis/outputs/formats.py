"""The same table as CSV, HTML, LaTeX, Word and Markdown, each with the same bytes every time."""

import html
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import docx
import pandas as pd
from docx.oxml import OxmlElement
from docx.shared import Pt
from docx.table import Table

from analysis.outputs.paper import PaperTable, spans


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8, LF, a final newline, six significant digits; missing values are blank."""
    return frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode("utf-8")


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


def _shown(value: object) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


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


LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "[": "{[}", "]": "{]}",
}  # fmt: skip


def latex(table: PaperTable) -> bytes:
    """A longtable with booktabs rules. A bracket is wrapped: after a row's end it would be an option."""
    columns = table.columns
    width = f"p{{{0.94 / len(columns):.3f}\\linewidth}}"
    heads = " & ".join(f"\\textbf{{{tex(heading)}}}" for heading in table.headings)
    lines = [
        "% Needs \\usepackage{booktabs} and \\usepackage{longtable}.",
        f"\\begin{{longtable}}{{{width * len(columns)}}}",
        f"\\caption*{{{tex(table.caption)}}}\\\\",
        f"\\toprule\n{heads} \\\\\n\\midrule\n\\endhead",
        "\\bottomrule\n\\endlastfoot",
    ]
    for heading, rows in table.blocks():
        if heading:
            lines.append(f"\\multicolumn{{{len(columns)}}}{{l}}{{\\textbf{{{tex(heading)}}}}} \\\\")
        covers = {column: spans(rows, column, table.merged) for column in columns}
        for place, (_, row) in enumerate(rows.iterrows()):
            cells = [tex(row[c]) if covers[c][place] else "" for c in columns]
            lines.append(" & ".join(cells) + " \\\\")
    lines.append("\\end{longtable}")
    return ("\n".join([*lines, *([tex(table.note)] if table.note else [])]) + "\n").encode()


def tex(text: str) -> str:
    """Text with every character that LaTeX reads as a command made harmless."""
    return re.sub("|".join(map(re.escape, LATEX)), lambda found: LATEX[found.group()], text)


def markdown(table: PaperTable) -> bytes:
    """A pipe table; a section's heading is a row of its own."""
    lines = [table.caption, "", _pipes(table.headings), _pipes(["---"] * len(table.columns))]
    for heading, rows in table.blocks():
        if heading:
            lines.append(_pipes([f"**{_plain(heading)}**", *[""] * (len(table.columns) - 1)]))
        covers = {column: spans(rows, column, table.merged) for column in table.columns}
        for place, (_, row) in enumerate(rows.iterrows()):
            lines.append(_pipes([_plain(row[c]) if covers[c][place] else "" for c in table.columns]))
    return ("\n".join([*lines, *(["", table.note] if table.note else [])]) + "\n").encode()


def _pipes(cells: object) -> str:
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)


def word(table: PaperTable) -> bytes:
    """A Word document with a real table: caption above, repeated head row, note below."""
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = datetime(2020, 1, 1, tzinfo=UTC)
    document.core_properties.author = ""
    document.core_properties.title = table.caption
    document.styles["Normal"].font.size = Pt(9)
    document.add_paragraph(table.caption, style="Caption")
    grid = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    _fill(grid, 0, table.headings, bold=True)
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - python-docx has no call for it
    for heading, rows in table.blocks():
        if heading:
            grid.add_row().cells[0].merge(grid.rows[-1].cells[-1])
            _fill(grid, len(grid.rows) - 1, [heading], bold=True)
        first = len(grid.rows)
        for _ in range(len(rows)):
            grid.add_row()
        for column, name in enumerate(table.columns):
            _fill_column(grid, first, column, rows[name].tolist(), spans(rows, name, table.merged))
    if table.note:
        document.add_paragraph(table.note)
    return _same_bytes(document)


def _fill(grid: Table, row: int, texts: object, bold: bool = False) -> None:
    for cell, text in zip(grid.rows[row].cells, texts, strict=False):
        cell.paragraphs[0].add_run(text).bold = bold


def _fill_column(grid: Table, first: int, column: int, texts: list[str], covers: list[int]) -> None:
    for place, (text, rows) in enumerate(zip(texts, covers, strict=True)):
        if rows:
            cell = grid.cell(first + place, column)
            cell = cell.merge(grid.cell(first + place + rows - 1, column)) if rows > 1 else cell
            cell.paragraphs[0].add_run(text)


def _same_bytes(document: docx.document.Document) -> bytes:
    """The file with its parts in order and dated alike: python-docx stamps them with the clock."""
    written, fixed = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(parts.namelist()):
            file.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), parts.read(name), zipfile.ZIP_DEFLATED
            )
    return fixed.getvalue()


WRITERS: dict[str, Callable[[PaperTable], bytes]] = {
    "csv": lambda table: csv(table.frame),
    "html": html_page,
    "tex": latex,
    "docx": word,
    "md": markdown,
}
