"""Faults that are planted into a throw-away copy of the checkout, one at a time, to see the audit find them.

A fault changes one thing as a slip or a forger would, and gives back in words what it has changed. `KNOWN`
are those that have been thought of; `made_up` draws others: any cell of any table, any output of any
notebook, any block of any figure.
"""

import base64
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from analysis.runs import record


@dataclass(frozen=True)
class Place:
    """Where a fault is planted: a study in a copy of the checkout, the folder of its release, and that of
    its results with other parameters."""

    root: Path
    study: str
    release: Path
    older: Path

    @property
    def raw(self) -> Path:
        """The study's tables."""
        return self.root / "data" / "raw" / self.study

    @property
    def derived(self) -> Path:
        """Its results."""
        return self.root / "data" / "derived" / self.study

    @property
    def figures(self) -> Path:
        """Its figures."""
        return self.root / "figures" / self.study

    @property
    def executed(self) -> list[Path]:
        """Its executed notebooks."""
        return sorted((self.derived / "notebooks").glob("*.ipynb"))


Plant = Callable[[Place], str]


@dataclass(frozen=True)
class Fault:
    """What is planted, in words, and where: in the study or its `release`; found by the files alone, or by
    running notebooks that it `changes`."""

    name: str
    plant: Plant
    study: str
    changes: bool = False


# In the study's tables


def _table(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(frame).to_csv(path, index=False, lineterminator="\n")


def _quotation(place: Place) -> str:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        words = rows.loc[0, "text"].split(" ")
        return rows.assign(text=rows["text"].where(rows.index > 0, " ".join([*words[:-2], words[-1]])))

    _table(place.raw / "excerpts.csv", change)
    return "excerpts.csv, first row: a word of the quotation is gone"


def _swapped(place: Place) -> str:
    sites = sorted(pd.read_csv(place.raw / "interviews.csv", dtype=str)["borough"])[:2]
    other = dict(zip(sites, reversed(sites), strict=True))
    _table(place.raw / "roster.csv", lambda rows: rows.assign(borough=rows["borough"].replace(other)))
    return f"roster.csv: who is of {sites[0]} is of {sites[1]}, and the other way round"


def _dropped(place: Place) -> str:
    _table(place.raw / "roster.csv", lambda rows: rows.iloc[1:])
    return "roster.csv: the first row is gone"


def _doubled(place: Place) -> str:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows[rows["coder"] == rows["coder"].iloc[0]]])

    _table(place.raw / "codings.csv", change)
    return "codings.csv: all rows of the first coder stand there twice"


def _claim_alone(place: Place) -> str:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        row = rows[rows["kind"] == "computed"].iloc[[0]].assign(claim="planted", fact="people who sang")
        return pd.concat([rows, row])

    _table(place.raw / "claims.csv", change)
    return "claims.csv: one more claim, of a value that no notebook finds"


# In the code


def _edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    if before not in text:
        raise ValueError(f'{path.name} has no "{before}" any more: the fault has to be planted elsewhere')
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def _seed(place: Place) -> str:
    _edit(place.root / "analysis" / "measures" / "intervals.py", "seed: int = 1,", "seed: int = 2,")
    return "analysis/measures/intervals.py: the seed of the resampling is 2"


def _first_lines(place: Place, lines: str) -> None:
    """Put lines before the first cell that computes something, of the first notebook."""
    path = min((place.root / "notebooks").glob("*.ipynb"))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][2]
    cell["source"] = lines + "".join(cell["source"])
    _write(path, notebook)


def _killed(place: Place) -> str:
    _first_lines(place, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    return "a cell of the first notebook kills its kernel"


def _left(place: Place) -> str:
    _first_lines(place, "import sys\nsys.exit(0)\n")
    return "a cell of the first notebook ends in sys.exit(0)"


# In the results


def _write(path: Path, said: dict[str, Any]) -> None:
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _notebook(path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change([cell for cell in notebook["cells"] if cell["cell_type"] == "code"])
    _write(path, notebook)


def _unrun(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        cell.update(outputs=[], execution_count=None)


def _stripped(place: Place) -> str:
    _notebook(place.executed[0], _unrun)
    return f"{place.executed[0].name}: no cell has an output or a count"


def _cut_short(place: Place) -> str:
    _notebook(place.executed[0], lambda cells: _unrun(cells[len(cells) // 2 :]))
    return f"{place.executed[0].name}: the second half never ran; the record calls its cells completed"


def _edited(place: Place) -> str:
    def change(cells: list[dict[str, Any]]) -> None:
        shown = (output["data"] for cell in cells for output in cell["outputs"] if "data" in output)
        data = next(data for data in shown if re.search(r">\d", "".join(data.get("text/html", ""))))
        data["text/html"] = re.sub(r">\d+<", ">77<", "".join(data["text/html"]), count=1)

    _notebook(place.executed[0], change)
    return f"{place.executed[0].name}: a number in the first table that it shows is 77"


def _junk(place: Place) -> str:
    path = min(place.figures.glob("*.png"))
    Image.new("RGB", (640, 400), "grey").save(path)
    return f"{path.name}: a grey area"


def _hidden(place: Place) -> str:
    path = min(place.figures.glob("*.svg"))
    text = path.read_text(encoding="utf-8").replace("</defs>", "", 1)
    path.write_text(text.replace("</svg>", "</defs></svg>"), encoding="utf-8")
    return f"{path.name}: nothing of it is shown, and every shape is still there"


def _gone(place: Place) -> str:
    path = max(place.figures.glob("*.svg"))
    path.unlink()
    return f"{path.name}: it is not there"


def _nobodys(place: Place) -> str:
    (place.derived / "sample-final.csv").write_text("borough,people\nA,36\n", encoding="utf-8")
    return "sample-final.csv: a table that no notebook writes"


def _older(place: Place) -> str:
    name = "words.csv"
    data = (place.older / "data" / "derived" / place.study / name).read_bytes()
    (place.derived / name).write_bytes(data)
    return f"{name}: that of a run with another parameter"


def _version(place: Place) -> str:
    path = place.derived / record.SHARED
    said = record.read(path)
    said["software"]["pandas"] = "2.2.3"
    record.write(path, said)
    return f"{record.SHARED}: pandas is 2.2.3"


def _computation_alone(place: Place) -> str:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows.iloc[[0]].assign(claim="planted")])

    _table(place.derived / "claims.csv", change)
    return "claims.csv of the results: one more row, of a claim that the study does not have"


def _page(place: Place) -> str:
    path = place.root / "README.md"
    text = path.read_text(encoding="utf-8")
    found = re.search(r"\b(\d+) people\b", text)
    path.write_text(text.replace(found[0], f"{int(found[1]) + 1} people", 1), encoding="utf-8")
    return f'README.md: "{found[0]}" is one more'


# In a release


def _revealed(place: Place) -> str:
    path = min(place.release.glob("people_by_*.csv"))
    true = pd.read_csv(place.derived / "sample.csv", dtype=str, keep_default_na=False)

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        hidden = rows.index[rows["people"] == ""][0]
        by = [
            name
            for name in rows.columns[: list(rows.columns).index("people")]
            if rows.loc[hidden, name] != "all"
        ]
        alike = true[(true[by] == rows.loc[hidden, by]).all(axis="columns")]
        rows.loc[hidden, ["people", "hidden"]] = [str(alike["people"].astype(int).sum()), ""]
        return rows

    _table(path, change)
    return f"{path.name} of the release: a hidden number is told"


def _named(place: Place) -> str:
    path = place.release / "withheld.csv"
    one = pd.read_csv(place.raw / "roster.csv", dtype=str)["participant"].iloc[0]
    _table(path, lambda rows: rows.assign(why=rows["why"].where(rows.index > 0, f"asked for by {one}")))
    return f"{path.name} of the release: the id of a participant"


PUBLISHED, RESTRICTED = "published", "restricted"
KNOWN = (
    Fault("a changed quotation", _quotation, PUBLISHED, changes=True),
    Fault("two boroughs swapped", _swapped, PUBLISHED, changes=True),
    Fault("a row of the roster dropped", _dropped, PUBLISHED, changes=True),
    Fault("a coder's rows doubled", _doubled, RESTRICTED, changes=True),
    Fault("a junk figure with the right name", _junk, PUBLISHED),
    Fault("a drawing that no longer shows its shapes", _hidden, PUBLISHED),
    Fault("a stripped notebook", _stripped, PUBLISHED),
    Fault("a notebook cut short that the record calls completed", _cut_short, PUBLISHED),
    Fault("an edited output of a cell", _edited, PUBLISHED),
    Fault("a kernel killed in the middle of a cell", _killed, PUBLISHED, changes=True),
    Fault("a cell that ends in sys.exit(0)", _left, PUBLISHED, changes=True),
    Fault("a table from an older run", _older, PUBLISHED),
    Fault("a changed seed", _seed, RESTRICTED, changes=True),
    Fault("a changed package version in the record", _version, PUBLISHED),
    Fault("a claim with no computation", _claim_alone, PUBLISHED, changes=True),
    Fault("a computation with no claim", _computation_alone, PUBLISHED),
    Fault("a changed number on a page", _page, PUBLISHED),
    Fault("a figure that is gone", _gone, PUBLISHED),
    Fault("a table that no notebook writes", _nobodys, PUBLISHED),
    Fault("a suppressed cell revealed", _revealed, RESTRICTED),
    Fault("a participant's id in an output", _named, RESTRICTED),
)


# Whatever comes up


def made_up(number: int, seed: int) -> list[Fault]:
    """So many faults by chance, of each kind in turn; the same for the same seed."""
    kinds = (
        ("any cell of any table", _any_cell),
        ("any output of any notebook", _any_output),
        ("any block of any figure", _any_block),
        ("any number of any drawing", _any_number),
    )
    drawn = [(n, *kinds[n % len(kinds)]) for n in range(number)]
    return [
        Fault(f"{kind}, number {n + 1}", partial(_by_chance, plant, (seed, n)), PUBLISHED)
        for n, kind, plant in drawn
    ]


def _by_chance(
    plant: Callable[[Place, np.random.Generator], str], seed: tuple[int, int], place: Place
) -> str:
    return plant(place, np.random.default_rng(seed))


def _any_cell(place: Place, chance: np.random.Generator) -> str:
    tables = [path for path in sorted(place.derived.rglob("*.csv")) if len(pd.read_csv(path, dtype=str))]
    path = tables[chance.integers(len(tables))]
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    row, column = (int(chance.integers(size)) for size in frame.shape)
    before = frame.iloc[row, column]
    frame.iloc[row, column] = after = _other(before, chance)
    frame.to_csv(path, index=False, lineterminator="\n")
    return (
        f'{path.relative_to(place.derived)}, row {row + 2}, {frame.columns[column]}: "{after}" for "{before}"'
    )


def _other(text: str, chance: np.random.Generator) -> str:
    """Another cell: one sign of it is another, or one is added."""
    signs = [n for n, sign in enumerate(text) if sign.isalnum()]
    if not signs:
        return f"{text}1"
    place = signs[chance.integers(len(signs))]
    sign = (
        str((int(text[place]) + 1) % 10) if text[place].isdecimal() else ("x" if text[place] != "x" else "y")
    )
    return text[:place] + sign + text[place + 1 :]


def _any_output(place: Place, chance: np.random.Generator) -> str:
    path = place.executed[chance.integers(len(place.executed))]
    said = ""

    def change(cells: list[dict[str, Any]]) -> None:
        nonlocal said
        shown = [(cell["id"], output) for cell in cells for output in cell["outputs"] if output.get("data")]
        cell, output = shown[chance.integers(len(shown))]
        kind = sorted(output["data"])[chance.integers(len(output["data"]))]
        whole = output["data"][kind]
        if isinstance(whole, dict):
            name = sorted(whole)[chance.integers(len(whole))]
            whole[name] = _other(whole[name], chance)
        elif kind == "image/png":
            output["data"][kind] = base64.b64encode(_spoilt(base64.b64decode(whole), chance)[0]).decode()
        else:
            text = "".join(whole)
            start = int(chance.integers(len(text)))
            output["data"][kind] = text[:start] + _other(text[start:], chance)
        said = f"{path.name}, cell {cell}, {kind}"

    _notebook(path, change)
    return said


def _any_block(place: Place, chance: np.random.Generator) -> str:
    figures = sorted(place.figures.glob("*.png"))
    path = figures[chance.integers(len(figures))]
    data, where = _spoilt(path.read_bytes(), chance)
    path.write_bytes(data)
    return f"{path.name}, {where}"


def _any_number(place: Place, chance: np.random.Generator) -> str:
    path = sorted(place.figures.glob("*.svg"))[chance.integers(len([*place.figures.glob("*.svg")]))]
    text = path.read_text(encoding="utf-8")
    numbers = [*re.finditer(r'(?<=[ "])\d+\.\d+(?=[ "])', text[text.index("<defs>") :])]
    found = numbers[chance.integers(len(numbers))]
    start = text.index("<defs>") + found.start()
    text = text[:start] + f"{float(found[0]) + 5:.4f}" + text[start + len(found[0]) :]
    path.write_text(text, encoding="utf-8")
    return f"{path.name}: {found[0]} is 5 more"


def _spoilt(data: bytes, chance: np.random.Generator) -> tuple[bytes, str]:
    """The picture with a block of other shades, as large as a letter, and all its texts as they were."""
    texts = PngInfo()
    with Image.open(io.BytesIO(data)) as picture:
        for name, text in picture.text.items():
            texts.add_text(name, text)
        shades = np.asarray(picture.convert("RGB")).copy()
    size = 12
    down, across = (int(chance.integers(edge - size)) for edge in shades.shape[:2])
    block = shades[down : down + size, across : across + size]
    block[:] = (block.astype(int) + 128) % 256
    out = io.BytesIO()
    Image.fromarray(shades).save(out, "png", pnginfo=texts)
    return out.getvalue(), f"{across} across and {down} down"
