"""The plan: which notebook runs with which parameters and must write what. Read from plan.toml."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TYPES = {"str": str, "int": int, "float": float}
FORMATS = ("csv", "docx", "html", "md", "tex")
PICTURES = ("png", "svg")


class PlanError(Exception):
    """A parameter or a run that the plan does not know, or a value that it does not allow."""


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters; `outputs` are paths below the results folder."""

    name: str
    notebook: str
    parameters: dict[str, Any]
    outputs: tuple[str, ...]


@cache
def specification() -> dict[str, Any]:
    """plan.toml as it stands."""
    return tomllib.loads(Path(__file__).with_name("plan.toml").read_text(encoding="utf-8"))


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
    runs = []
    for entry in specification()["runs"]:
        for name in names[entry["for_each"]] if "for_each" in entry else [""]:
            single = {key: values[0] for key, values in names.items() if len(values) == 1}
            here = single | ({entry["for_each"]: name} if name else {})
            runs.append(_run(entry, study, here, names["table"], asked))
    return runs


def _run(
    entry: dict[str, Any], study: str, here: dict[str, str], tables: Sequence[str], asked: dict[str, Any]
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
    return Run(name, entry["notebook"], parameters, (*outputs, f"{derived}/notebooks/{name}.ipynb"))


def checked(name: str, text: str) -> str | int | float:
    """The user's value for a parameter in its own type, or a PlanError that says what would do.

    >>> checked("min_people", "7")
    7
    """
    known = specification()["parameters"]
    if name not in _given():
        near = difflib.get_close_matches(name, _given(), n=1, cutoff=0.0)[0]
        raise PlanError(
            f'"{name}" is no parameter of a run; there are {", ".join(_given())}. Did you mean "{near}"?'
        )
    rule = known[name]
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
