"""The same table as CSV, HTML, LaTeX, Word and Markdown, each with the same bytes every time."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import docx
import pandas as pd
import xlsxwriter
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell

from analysis.outputs.paper import PaperTable, spans

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet would run."""
CUT = " … [cut here: a cell of Excel holds no more]"
LONGEST, WIDE = 32_767, 60
"""Signs that a cell of Excel may have, and the width of a column of long texts."""
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


LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "|": r"\textbar{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "[": "{[}", "]": "{]}", "*": "{*}",
    "`": r"\textasciigrave{}",
}  # fmt: skip
"""What LaTeX reads as a command or joins to another sign. A bracket or star behind a row's end counts."""


PACKAGES = ("array", "booktabs", "caption", "longtable")


def latex(table: PaperTable) -> bytes:
    """A longtable with booktabs rules, ragged to the right."""
    columns = table.columns
    shape = "".join(
        f">{{\\raggedright\\arraybackslash}}p{{\\dimexpr {width:.3f}\\linewidth-2\\tabcolsep}}"
        for width in table.shares()
    )
    heads = " & ".join(f"\\textbf{{{tex(heading)}}}" for heading in table.headings)
    lines = [
        "% Needs " + ", ".join(f"\\usepackage{{{package}}}" for package in PACKAGES),
        "\\renewcommand{\\arraystretch}{1.4}",
        f"\\begin{{longtable}}{{{shape}}}",
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
    note = [f"\\noindent {tex(table.note)}"] if table.note else []
    return ("\n".join([*lines, *note]) + "\n").encode()


def tex(text: str) -> str:
    """Text with every character that LaTeX reads as a command made harmless."""
    safe = re.sub("|".join(map(re.escape, LATEX)), lambda found: LATEX[found.group()], text)
    return re.sub("-(?=-)", "-{}", safe)  # else two hyphens would become a dash


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


TEXT_WIDTH = Mm(170)


def word(table: PaperTable) -> bytes:
    """A Word document with a real table on A4: caption above, repeated head row, note below."""
    document = docx.Document()
    _set_page(document, table)
    document.add_paragraph(table.caption, style="Caption")
    grid = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    grid.autofit = False
    widths = [int(TEXT_WIDTH * share) for share in table.shares()]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    _add_row(grid, table.headings, widths, bold=True, repeat=True)
    for heading, rows in table.blocks():
        if heading:
            cells = _add_row(grid, [heading], widths, bold=True)
            cells[0].merge(cells[-1])
        lines = [_add_row(grid, [""] * len(table.columns), widths) for _ in range(len(rows))]
        for column, name in enumerate(table.columns):
            _fill([line[column] for line in lines], rows[name].tolist(), spans(rows, name, table.merged))
    if table.note:
        document.add_paragraph(table.note)
    return _same_bytes(document)


def _set_page(document: docx.document.Document, table: PaperTable) -> None:
    """A4, black captions, and nothing of the clock or the writing library among the properties."""
    properties = document.core_properties
    properties.created = properties.modified = datetime(2020, 1, 1, tzinfo=UTC)
    properties.author = properties.comments = ""
    properties.title = table.caption
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = int((page.page_width - TEXT_WIDTH) / 2)
    page.top_margin = page.bottom_margin = Mm(20)
    document.styles["Normal"].font.size = Pt(9)
    document.styles["Caption"].font.color.rgb = RGBColor(0, 0, 0)
    document.styles["Caption"].font.size = Pt(10)


def _add_row(
    grid: Table, texts: Iterable[str], widths: list[int], bold: bool = False, repeat: bool = False
) -> tuple[_Cell, ...]:
    """A row that no page break splits; as a head it is repeated on every page."""
    row = grid.add_row()
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no call for it
    properties.append(OxmlElement("w:cantSplit"))
    if repeat:
        properties.append(OxmlElement("w:tblHeader"))
    cells = row.cells
    for cell, width in zip(cells, widths, strict=True):
        cell.width = width
    for cell, text in zip(cells, texts, strict=False):
        cell.paragraphs[0].add_run(text).bold = bold
    return cells


def _fill(cells: list[_Cell], texts: list[str], covers: list[int]) -> None:
    for place, (text, rows) in enumerate(zip(texts, covers, strict=True)):
        if rows:
            cell = cells[place].merge(cells[place + rows - 1]) if rows > 1 else cells[place]
            cell.text = text


def _same_bytes(document: docx.document.Document) -> bytes:
    """The file with its parts in order and dated alike: python-docx stamps them with the clock."""
    written, fixed = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(parts.namelist()):
            dated = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            file.writestr(dated, parts.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


WRITERS: dict[str, Callable[[PaperTable], bytes]] = {
    "csv": lambda table: csv(table.frame),
    "html": html_page,
    "tex": latex,
    "docx": word,
    "md": markdown,
}
