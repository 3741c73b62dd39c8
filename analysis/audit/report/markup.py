"""Pieces of pages: prose from templates, tables in which numbers are links, boxes that scroll."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import escape, unescape
from pathlib import Path

import pandas as pd

from analysis.outputs.formats import plain
from analysis.outputs.templates import filled

HERE = Path(__file__).parent
NUMBER = re.compile(r"(?<![\w.,-])[-−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?%?(?:–\d+)?(?!\w)")
"""A number that is no part of a name, or a range from one to another."""
FENCE = "`" * 12
"""More than any text that stands between two of them has in a row."""


def page(template: str, /, **values: object) -> bytes:
    """A page in Markdown: the prose of a template with values in it. A value that is missing is an error."""
    return filled(HERE / "templates", f"{template}.md", values, {"plain": plain, "rawblock": raw})


def raw(markup: str) -> str:
    """HTML as a block of Markdown."""
    return f"{FENCE}{{raw}} html\n{markup}\n{FENCE}\n"


def link(text: object, href: str | None) -> str:
    """A text that leads somewhere; the text alone where there is nowhere to go."""
    return escape(str(text)) if href is None else f'<a href="{escape(href)}">{escape(str(text))}</a>'


def linked(text: str, href: str | None) -> str:
    """A text in which every number is a link.

    >>> linked("8 of 19, see E01", "#cell-08")
    '<a href="#cell-08">8</a> of <a href="#cell-08">19</a>, see E01'
    """
    parts, end = [], 0
    for found in NUMBER.finditer(text):
        parts += [escape(text[end : found.start()]), link(found.group(), href)]
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def numbers_linked(markup: str, href: str | None) -> str:
    """The HTML of a table in whose cells every number is a link."""
    return re.sub(r"(<td[^>]*>)([^<]+)", lambda found: found[1] + linked(unescape(found[2]), href), markup)


def scroll(markup: str, label: str) -> str:
    """A box that scrolls by itself where it is too wide, by keyboard too."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">\n{markup}\n</div>'


def table(
    rows: pd.DataFrame,
    label: str,
    cell: Callable[[pd.Series, str], str] = lambda row, column: escape(str(row[column])),
    attributes: Callable[[pd.Series], str] = lambda _: "",
) -> str:
    """A frame of texts as a table in a box: `cell` gives each cell's HTML, `attributes` those of a row."""
    if rows.empty:
        return "<p>The table has no rows.</p>"
    head = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in rows)
    lines = [f"<table>\n<caption>{escape(label)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>"]
    numeric = {name for name in rows if rows[name].str.fullmatch(rf"(?:{NUMBER.pattern})?").all()}
    for _, row in rows.iterrows():
        cells = "".join(f"<td{_look(name, numeric)}>{cell(row, name)}</td>" for name in rows)
        lines.append(f"<tr{attributes(row)}>{cells}</tr>")
    return scroll("\n".join([*lines, "</tbody>\n</table>"]), label)


def _look(name: str, numeric: set[str]) -> str:
    return ' class="number"' if name in numeric else ""


def links(pairs: Iterable[tuple[str, str]]) -> str:
    """A line of links, nothing where there are none."""
    found = " · ".join(link(text, href) for text, href in pairs)
    return f'<p class="behind">{found}</p>' if found else ""


def anchors(kind: str, names: Iterable[str]) -> dict[str, str]:
    """An id for each name, each its own, in letters that every address and every tool can bear.

    >>> anchors("code", ["Zoë's", "zoes", "+"])
    {"Zoë's": 'code-zoes', 'zoes': 'code-zoes-2', '+': 'code'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        plain_name = unicodedata.normalize("NFKD", name.replace("'", "")).encode("ascii", "ignore").decode()
        slug = "-".join([kind, *re.findall(r"[a-z0-9]+", plain_name.lower())])
        ids = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
        found[name] = next(one for one in ids if one not in taken)
        taken.add(found[name])
    return found
