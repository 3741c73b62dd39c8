"""Executed notebooks as pages: each cell has its address, pictures keep their text, outputs lead on."""

import base64
import copy
import json
import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

from analysis.audit.claims import MIME
from analysis.audit.origins import wrote
from analysis.audit.report import rows
from analysis.audit.report.evidence import Evidence, Notebook
from analysis.audit.report.markup import link, links, page, scroll

UP = "../"
LEXER = {"name": "python", "pygments_lexer": "ipython3"}


def sources(evidence: Evidence) -> dict[str, bytes]:
    """A page for each run, and one that lists them."""
    made = {f"notebooks/{run}.ipynb": _page(evidence, run) for run in evidence.notebooks}
    listed = [(run, _title(book)) for run, book in evidence.notebooks.items()]
    states = {run["run"]: run["state"] for run in evidence.record.get("runs", [])}
    return made | {"notebooks/index.md": page("notebooks", notebooks=listed, states=states)}


def pictures(evidence: Evidence) -> dict[str, bytes]:
    """The pictures of all outputs, by where they lie on the site."""
    return {
        _name(run, cell, number): base64.b64decode("".join(output["data"]["image/png"]))
        for run, book in evidence.notebooks.items()
        for cell in book["cells"]
        for number, output in enumerate(cell.get("outputs", []))
        if "image/png" in output.get("data", {})
    }


def picture_of(evidence: Evidence, run: str, cell: str, up: str) -> str:
    """What a cell has drawn, with its text and its caption."""
    (mine,) = [one for one in evidence.notebooks[run]["cells"] if one["id"] == cell]
    captions = [
        "".join(one["data"]["text/markdown"]) for one in mine["outputs"] if "text/markdown" in one["data"]
    ]
    drawn = [
        _picture(run, mine, number, up)
        for number, output in enumerate(mine["outputs"])
        if "image/png" in output.get("data", {})
    ]
    return "".join(drawn) + "".join(f"<figcaption>{escape(one.strip('*'))}</figcaption>" for one in captions)


def _title(book: Notebook) -> str:
    return "".join(book["cells"][0]["source"]).split("\n")[0].removeprefix("# ")


def _page(evidence: Evidence, run: str) -> bytes:
    """A notebook for Sphinx: an anchor before each cell, and of each output the one form that is shown."""
    book = copy.deepcopy(evidence.notebooks[run])
    cells, tables = [], rows.read(book)
    for cell in book["cells"]:
        cells.append(_anchor(cell))
        if cell["cell_type"] == "code":
            cell["outputs"] = [*_outputs(evidence, run, cell, tables[cell["id"]])]
            cell["metadata"] = {}
        cells.append(cell)
    first = book["cells"][0]
    first["source"] = f"# {run}: " + "".join(first["source"]).removeprefix("# ")
    book |= {"cells": cells, "metadata": {"language_info": LEXER}}
    return json.dumps(book, ensure_ascii=False).encode()


def _anchor(cell: Notebook) -> Notebook:
    name = cell["id"]
    shown = f'<a href="#{name}">{name}</a>' if cell["cell_type"] == "code" else ""
    source = f'<div class="anchor" id="{name}">{shown}</div>'
    return {"cell_type": "markdown", "id": f"to-{name}"[:64], "metadata": {}, "source": source}


def _outputs(evidence: Evidence, run: str, cell: Notebook, tables: set[str]) -> Iterator[Notebook]:
    for number, output in enumerate(cell["outputs"]):
        data = output.get("data")
        if data is None:  # what was printed
            yield output
        elif "image/png" in data:
            yield _html(_picture(run, cell, number, UP))
        elif "text/html" in data:
            yield _html(
                scroll(_table(evidence, "".join(data["text/html"])), f"Table {number + 1} of {cell['id']}")
            )
        else:
            kind = "text/markdown" if "text/markdown" in data else "text/plain"
            yield output | {"data": {kind: data[kind]}, "metadata": {}}
    if on := links(_behind(evidence, cell, tables)):
        yield _html(on)


def _html(markup: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": markup}, "metadata": {}}


def _table(evidence: Evidence, markup: str) -> str:
    """A table without the look that pandas brings, as the page has its own; codes lead to their excerpts."""
    plain = re.sub(r"<style scoped>.*?</style>|(?<=<table) border=\"1\"", "", markup, flags=re.DOTALL)
    if not re.search(r"<thead>\s*<tr>\s*<th[^>]*>code</th>", plain):
        return plain
    return re.sub(r"(<tr>\s*<td[^>]*>)([^<]+)", lambda found: found[1] + _code(evidence, found[2]), plain)


def _code(evidence: Evidence, text: str) -> str:
    return (
        link(unescape(text), UP + evidence.codes[unescape(text)])
        if unescape(text) in evidence.codes
        else text
    )


def _name(run: str, cell: Notebook, number: int) -> str:
    return f"pictures/{run}-{cell['id']}-{number}.png"


def _picture(run: str, cell: Notebook, number: int, up: str) -> str:
    output = cell["outputs"][number]
    about = output["metadata"].get("image/png", {})
    alt = about.get("alt") or "".join(output["data"].get("text/plain", ""))
    width = f' width="{about["width"]}"' if "width" in about else ""
    return f'<img class="drawn" src="{up}{_name(run, cell, number)}" alt="{escape(alt)}"{width}>'


def _behind(evidence: Evidence, cell: Notebook, tables: set[str]) -> Iterator[tuple[str, str]]:
    """Where to go on from what a cell has written or found: tables of results, and the raw rows behind it."""
    paths, finds = wrote(cell), any(MIME in output.get("data", {}) for output in cell["outputs"])
    for path in paths:
        name = path.rsplit("/", 1)[-1].removesuffix(".csv")
        if path == evidence.path(f"{name}.csv"):
            yield f"Every number of {name}.csv", f"{UP}tables/{name}.html"
    if paths or finds:
        yield from rows.behind(evidence, tables, UP)
