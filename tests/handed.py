"""What is handed in, read back by what has no part in writing it."""

import csv
import io
import re
import zipfile

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MARKS = {f"{W}br": "\n", f"{W}tab": "\t"}


def parts(data):
    """The paragraphs and tables of a Word document in their order, as (style, text) and as elements."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        body = etree.fromstring(file.read("word/document.xml")).find(f"{W}body")
    for one in body:
        if one.tag == f"{W}p":
            style = one.find(f"{W}pPr/{W}pStyle")
            yield (style.get(f"{W}val") if style is not None else "Normal"), text(one), one
        elif one.tag == f"{W}tbl":
            yield "table", "", one


def text(element):
    """The words of an element, with its line ends and tabs."""
    return "".join(one.text or "" if one.tag == f"{W}t" else MARKS.get(one.tag, "") for one in element.iter())


def tables(data):
    """Each table of a Word document by its caption, as rows of texts; a heading over rows is a row of one."""
    caption, found = None, {}
    for style, words, element in parts(data):
        if style == "Caption":
            caption = words
        elif style == "table":
            found[caption] = [*rows_of(element)]
    return found


def rows_of(table):
    """The texts of each row; a cell that goes on from above has the text of that."""
    above = []
    for row in table.iterfind(f"{W}tr"):
        cells = row.findall(f"{W}tc")
        merged = [cell.find(f"{W}tcPr/{W}vMerge") for cell in cells]
        goes_on = [one is not None and one.get(f"{W}val") is None for one in merged]
        above = [
            above[x] if on else text(cell) for x, (cell, on) in enumerate(zip(cells, goes_on, strict=True))
        ]
        yield above


def printed(rows):
    """The cells of a table as its CSV has them: the heading that rows stand under as their first cell."""
    wide, section = len(rows[0]), ""
    for row in rows[1:]:
        if len(row) == 1 < wide:
            section = row[0].removeprefix("Theme: ")
        else:
            yield [section, *row]


def cells(path):
    """The rows of a CSV file, its head first."""
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.reader(file)]


def same_number(shown, said):
    """Whether what a workbook has is what a CSV file says: a number of the same value, or the same text."""
    if isinstance(shown, str):
        return shown == said
    return bool(re.fullmatch(r"-?\d.*", said)) and float(said) == shown


def balanced(source):
    """Whether the braces and environments of a LaTeX file match."""
    bare = re.sub(r"(?<!\\)%.*", "", source)
    depth = 0
    for sign in re.findall(r"\\.|[{}]", bare, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    open_ones = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", bare):
        if kind == "begin":
            open_ones.append(name)
        elif not open_ones or open_ones.pop() != name:
            return False
    return depth == 0 and not open_ones
