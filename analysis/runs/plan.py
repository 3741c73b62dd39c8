"""The plan of one study: which notebook runs with which parameters, reads what and must write what."""

import ast
import fnmatch
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.runs.specification import (
    PATH,
    PlanError,
    checked,
    choice,
    default,
    fitting,
    refuse,
    specification,
)

FORMATS = ("csv", "docx", "html", "md", "tex")
PICTURES = ("png", "svg")
USUAL = ("pandas", "matplotlib.pyplot", "seaborn", "nltk")
"""What most notebooks import."""


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters.

    `inputs` are results of runs before it, `outputs` what it writes, the executed notebook last: all of
    them paths laid out as in the checkout. Every run reads the study's raw tables besides.
    """

    name: str
    notebook: str
    parameters: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def executed(self) -> str:
        """The path of the executed notebook."""
        return self.outputs[-1]


def plan(
    study: str,
    names: Mapping[str, Sequence[str]],
    given: Mapping[str, str] | None = None,
) -> list[Run]:
    """The runs for one study, in order.

    `names` says what {grouping}, {site} and {table} stand for, and {view} and {by} where a view is asked
    for; `given` are the user's parameters, as text, each checked before anything runs.
    """
    names = {"view": ()} | names
    asked = {name: checked(name, value) for name, value in (given or {}).items()}
    runs: list[Run] = []
    for entry in specification()["runs"]:
        for name in names[entry["for_each"]] if "for_each" in entry else [""]:
            single = {key: values[0] for key, values in names.items() if len(values) == 1}
            here = single | ({entry["for_each"]: name} if name else {})
            runs.append(_run(entry, study, here, names["table"], asked, runs))
    return runs


def _run(
    entry: dict[str, Any],
    study: str,
    here: dict[str, str],
    tables: Sequence[str],
    asked: dict[str, Any],
    earlier: Sequence[Run],
) -> Run:
    def filled(key: str, **more: str) -> list[str]:
        return [_filled(text, here | more, entry["name"]) for text in entry.get(key, [])]

    derived, figures = f"data/derived/{study}", f"figures/{study}"
    name = _filled(entry["name"], here, entry["name"])
    sets = {key: fitting(key, _filled(text, here, name)) for key, text in entry.get("sets", {}).items()}
    takes = {key: default(key) for key in entry.get("takes", [])}
    parameters = {"study": study} | sets | takes | {key: asked[key] for key in asked.keys() & takes.keys()}
    printed = dict.fromkeys(table for one in tables for table in filled("prints", table=one))
    outputs = [
        *(f"{derived}/{table}.csv" for table in filled("writes")),
        *(f"{figures}/{chart}.{kind}" for chart in filled("draws") for kind in PICTURES),
        *(f"{derived}/tables/{table}.{kind}" for table in printed for kind in FORMATS),
    ]
    written = [path for run in earlier for path in run.outputs]
    patterns = [f"{derived}/{pattern}" for pattern in filled("reads")]
    for pattern in patterns:
        if not fnmatch.filter(written, pattern):
            refuse([f'{PATH.name}, run "{name}": no run before it writes "{pattern}", which it reads'])
    inputs = [path for path in written if any(fnmatch.fnmatch(path, pattern) for pattern in patterns)]
    executed = f"{derived}/notebooks/{name}.ipynb"
    return Run(name, entry["notebook"], parameters, tuple(inputs), (*outputs, executed))


def _filled(text: str, here: Mapping[str, str], run: str) -> str:
    """The text with names in the place of its braces."""
    try:
        return text.format(**here)
    except (LookupError, ValueError, AttributeError):
        known = ", ".join(f"{{{key}}}" for key in here)
        raise PlanError(
            f'{PATH.name}, run "{run}": "{text}" cannot be filled in; there are {known}'
        ) from None


def needed(run: Run, runs: Iterable[Run]) -> set[str]:
    """The names of the runs that write what this one reads."""
    return {other.name for other in runs if {*other.outputs} & {*run.inputs}}


def selected(runs: Sequence[Run], wanted: Sequence[str]) -> list[Run]:
    """The runs whose names begin with what is wanted, and the runs that they need, in the plan's order."""
    names = [run.name for run in runs]
    picked: set[str] = set()
    for text in wanted:
        found = {name for name in names if name.startswith(text)}
        if not found:
            raise PlanError(f'"{text}" begins the name of no run; {choice(text, names)}')
        picked |= found
    for run in reversed(runs):
        if run.name in picked:
            picked |= needed(run, runs)
    return [run for run in runs if run.name in picked]


def check(runs: Sequence[Run], notebooks: Path) -> None:
    """PlanError with everything that keeps the runs and their notebooks from fitting together."""
    problems: list[str] = []
    for run in runs:
        path = notebooks / f"{run.notebook}.ipynb"
        if path.is_file():
            problems += [f"{run.name}: {problem}" for problem in _misfits(run, path)]
        else:
            problems.append(f"{run.name}: there is no notebooks/{path.name}")
    problems += [f"{name}: another run has that name too" for name in twice(run.name for run in runs)]
    for path in twice(path for run in runs for path in run.outputs):
        writers = [run.name for run in runs if path in run.outputs]
        problems.append(f"{', '.join(writers)}: more than one writes {path}")
    refuse(problems)


def imported(notebooks: Iterable[Path]) -> list[str]:
    """What cells of notebooks import, modules or names of them: what a nursery begins with.

    Of this project's own, and of the packages that its notebooks are made for; importing something else may
    change what a notebook sees that does not import it.
    """
    found = [*USUAL]
    for path in sorted(notebooks):
        with suppress(OSError, ValueError, TypeError):  # what is wrong with it is for `check` to say
            for cell in _cells(path):
                with suppress(SyntaxError):  # of a magic, say, or of prose
                    found += _ours(ast.parse("".join(cell["source"])))
    return list(dict.fromkeys(found))


def _ours(source: ast.AST) -> Iterable[str]:
    for node in ast.walk(source):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("analysis."):
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def twice(names: Iterable[str]) -> list[str]:
    """The names that come more than once."""
    return [name for name, times in Counter(names).items() if times > 1]


def _misfits(run: Run, path: Path) -> Iterable[str]:
    """What is wrong with a notebook, and what its parameters cell and its run do not agree on."""
    try:
        cells = _cells(path)
        declared = _declared(cells)
    except (ValueError, SyntaxError) as error:
        yield f"notebooks/{path.name} cannot be read: {error}"
        return
    for cell in twice(cell["id"] for cell in cells):
        yield f'notebooks/{path.name} has more than one cell of the id "{cell}"'
    for name in run.parameters.keys() - declared.keys():
        yield f'notebooks/{path.name} has no parameter "{name}", which the plan gives it'
    for name in declared.keys() - run.parameters.keys():
        yield f'notebooks/{path.name} has the parameter "{name}", which the plan does not give it'
    for name in run.parameters.keys() & declared.keys():
        found = type(run.parameters[name]).__name__
        if declared[name] != found:
            yield f'notebooks/{path.name} takes "{name}" as {declared[name]}, and the plan gives {found}'


def _cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook; ValueError where a run could not name them again."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it is no notebook of nbformat 4")  # noqa: TRY004 - of what a file holds
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict) or "source" not in cell:
            raise ValueError(f"cell {number} is none of nbformat 4")
        if "id" not in cell:
            raise ValueError(f"cell {number} has no id; JupyterLab gives it one (nbformat 4.5)")
    return cells


def _declared(cells: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The parameters of a notebook and their types, from its cell tagged `parameters`."""
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    tagged = ["".join(cell["source"]) for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    declared: dict[str, str] = {}
    for node in ast.parse("\n".join(tagged)).body:
        if isinstance(node, ast.AnnAssign):
            declared[ast.unparse(node.target)] = ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign):
            kind = type(ast.literal_eval(node.value)).__name__
            declared |= dict.fromkeys(map(ast.unparse, node.targets), kind)
    return declared
