"""The plan: which notebook runs with which parameters, reads what and must write what. From plan.toml."""

import ast
import difflib
import fnmatch
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TYPES = {"str": str, "int": int, "float": float}
FORMATS = ("csv", "docx", "html", "md", "tex")
PICTURES = ("png", "svg")
ENTRY = ("name", "notebook", "for_each", "sets", "takes", "reads", "writes", "draws", "prints")
"""What an entry of the plan may say."""
EACH = ("grouping", "site")
"""What there may be a run for each of."""


class PlanError(Exception):
    """A run or a parameter that the plan does not know, or a plan that does not hold together."""


@dataclass(frozen=True)
class Limits:
    """How many seconds one cell, and one whole run, may work."""

    cell_seconds: float
    run_seconds: float


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


@cache
def specification() -> dict[str, Any]:
    """plan.toml as it stands; PlanError where it does not say what a plan says."""
    path = Path(__file__).with_name("plan.toml")
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{path.name}: {error}") from None
    _refuse([f"{path.name}, {problem}" for problem in (*_missing(read), *_unknown(read))])
    _refuse([f"{path.name}, {problem}" for problem in _unsound(read)])
    return read


def _missing(read: dict[str, Any]) -> Iterable[str]:
    """What a plan needs and this one lacks."""
    for limit in ("cell_seconds", "run_seconds"):
        if not isinstance(read.get("limits", {}).get(limit), int | float):
            yield f"[limits]: {limit} is missing; expected a number of seconds"
    for number, entry in enumerate(read.get("runs", []), start=1):
        for key in ("name", "notebook"):
            if key not in entry:
                yield f"run {number}: it has no {key}"
    for name, rule in read.get("parameters", {}).items():
        if rule.get("type") not in TYPES or "help" not in rule:
            yield f'parameter "{name}": expected a help, and a type of {", ".join(TYPES)}'


def _unknown(read: dict[str, Any]) -> Iterable[str]:
    """What the runs say that no plan knows."""
    known = read.get("parameters", {})
    for entry in read.get("runs", []):
        run = f'run "{entry.get("name", "")}"'
        for key in entry.keys() - {*ENTRY}:
            yield f'{run}: "{key}" is no part of a run; {_choice(key, ENTRY)}'
        for name in [*entry.get("takes", []), *entry.get("sets", {})]:
            if name not in known:
                yield f'{run}: takes "{name}", which is not under [parameters]; {_choice(name, known)}'
        for name in entry.get("takes", []):
            if "default" not in known.get(name, {"default": 0}):
                yield f'{run}: takes "{name}", which has no default under [parameters]'
        if entry.get("for_each", EACH[0]) not in EACH:
            yield f'{run}: for_each="{entry["for_each"]}"; {_choice(entry["for_each"], EACH)}'


def _unsound(read: dict[str, Any]) -> Iterable[str]:
    """Defaults that the plan's own rules would refuse."""
    for name, rule in read.get("parameters", {}).items():
        try:
            if "default" in rule and _fitting(name, str(rule["default"]), rule) != rule["default"]:
                yield f'parameter "{name}": the default {rule["default"]!r} is not of type {rule["type"]}'
        except PlanError as error:
            yield f"the default of {error}"


def limits() -> Limits:
    """The limits that the plan sets."""
    return Limits(**specification()["limits"])


def plan(
    study: str,
    names: Mapping[str, Sequence[str]],
    given: Mapping[str, str] | None = None,
) -> list[Run]:
    """The runs for one study, in order.

    `names` says what {grouping}, {site} and {table} stand for; `given` are the user's parameters, as
    text, each checked before anything runs.
    """
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
    sets = {key: value.format(**here) for key, value in entry.get("sets", {}).items()}
    takes = {name: specification()["parameters"][name]["default"] for name in entry.get("takes", [])}
    parameters = {"study": study} | sets | takes
    parameters |= {name: value for name, value in asked.items() if name in takes}
    derived, figures = f"data/derived/{study}", f"figures/{study}"
    name = entry["name"].format(**here)
    outputs = [f"{derived}/{table.format(**here)}.csv" for table in entry.get("writes", [])]
    outputs += [
        f"{figures}/{chart.format(**here)}.{kind}" for chart in entry.get("draws", []) for kind in PICTURES
    ]
    outputs += [
        f"{derived}/tables/{table}.{kind}"
        for _ in entry.get("prints", [])
        for table in tables
        for kind in FORMATS
    ]
    patterns = [f"{derived}/{pattern.format(**here)}" for pattern in entry.get("reads", [])]
    written = [path for run in earlier for path in run.outputs]
    for pattern in patterns:
        if not fnmatch.filter(written, pattern):
            _refuse([f'plan.toml, run "{name}": no run before it writes "{pattern}", which it reads'])
    inputs = [path for path in written if any(fnmatch.fnmatch(path, pattern) for pattern in patterns)]
    executed = f"{derived}/notebooks/{name}.ipynb"
    return Run(name, entry["notebook"], parameters, tuple(inputs), (*outputs, executed))


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
            raise PlanError(f'"{text}" begins the name of no run; {_choice(text, names)}')
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
    writers: dict[str, str] = {}
    for run in runs:
        for path in run.outputs:
            if path in writers:
                problems.append(f"{run.name}: writes {path}, as {writers[path]} does")
            writers[path] = run.name
    _refuse(problems)


def _misfits(run: Run, path: Path) -> Iterable[str]:
    """What a notebook's parameters cell and its run's parameters do not agree on."""
    try:
        declared = _declared(path)
    except (ValueError, SyntaxError) as error:
        yield f"notebooks/{path.name} cannot be read: {error}"
        return
    for name in run.parameters.keys() - declared.keys():
        yield f'notebooks/{path.name} has no parameter "{name}", which the plan gives it'
    for name in declared.keys() - run.parameters.keys():
        yield f'notebooks/{path.name} has the parameter "{name}", which the plan does not give it'
    for name in run.parameters.keys() & declared.keys():
        found = type(run.parameters[name]).__name__
        if declared[name] not in ("", found):
            yield f'notebooks/{path.name} takes "{name}" as {declared[name]}, and the plan gives {found}'


def _declared(path: Path) -> dict[str, str]:
    """The parameters of a notebook and their types, from its cell tagged `parameters`."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = ["".join(c["source"]) for c in cells if "parameters" in c["metadata"].get("tags", [])]
    declared: dict[str, str] = {}
    for node in ast.parse("\n".join(tagged)).body:
        if isinstance(node, ast.AnnAssign):
            declared[ast.unparse(node.target)] = ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign):
            declared |= dict.fromkeys(map(ast.unparse, node.targets), "")
    return declared


def checked(name: str, text: str) -> str | int | float:
    """The user's value for a parameter in its own type, or a PlanError that says what would do.

    >>> checked("min_people", "7")
    7
    """
    if name not in _given():
        raise PlanError(f'"{name}" is no parameter of a run; {_choice(name, _given())}')
    return _fitting(name, text, specification()["parameters"][name])


def _fitting(name: str, text: str, rule: dict[str, Any]) -> str | int | float:
    try:
        value = TYPES[rule["type"]](text)
    except ValueError:
        raise PlanError(f'{name}="{text}" is not of type {rule["type"]} ({rule["help"]})') from None
    legal = rule.get("one_of", [value])
    if value not in legal:
        raise PlanError(f'{name}="{text}" is not one of {", ".join(legal)} ({rule["help"]})')
    low, high = rule.get("minimum", value), rule.get("maximum", value)
    if not low <= value <= high:
        bounds = f"{low} or more" if "maximum" not in rule else f"{low} to {high}"
        raise PlanError(f'{name}="{text}" is out of range; expected {bounds} ({rule["help"]})')
    return value


def _given() -> list[str]:
    """The parameters that a user may set: those that some run takes."""
    return sorted({name for entry in specification()["runs"] for name in entry.get("takes", [])})


def _choice(found: str, legal: Iterable[str]) -> str:
    """What there is instead, and what was probably meant."""
    near = difflib.get_close_matches(found, [*legal], n=1, cutoff=0.0)
    return f"there are {', '.join(legal)}." + (f' Did you mean "{near[0]}"?' if near else "")


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise PlanError("\n".join(problems))
