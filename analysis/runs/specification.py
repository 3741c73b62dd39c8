"""plan.toml as it was written: read, held to plan.schema.json, and asked what a parameter may be."""

import difflib
import json
import math
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from analysis import UnusableError


def texts(written: str) -> list[str]:
    """A list of texts, written as JSON or with semicolons between them.

    >>> texts("a; b"), texts('["a; b"]'), texts("")
    (['a', 'b'], ['a; b'], [])
    """
    if not written.startswith("["):
        return [part.strip() for part in written.split(";") if part.strip()]
    found = json.loads(written)
    if not all(isinstance(one, str) for one in found):
        raise ValueError(written)
    return found


TYPES: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float, "list": texts}
Value = str | int | float | list[str]
PATH = Path(__file__).with_name("plan.toml")
SCHEMA = Path(__file__).with_name("plan.schema.json")


class PlanError(UnusableError):
    """A run or a parameter that the plan does not know, or a plan that does not hold together."""


@dataclass(frozen=True)
class Limits:
    """How many seconds one cell, and one whole run, may work."""

    cell_seconds: float
    run_seconds: float


@cache
def specification() -> dict[str, Any]:
    """plan.toml as it stands; PlanError where it does not say what a plan says."""
    try:
        read = tomllib.loads(PATH.read_text(encoding="utf-8"))
        _holds()(read)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{PATH.name}: {error}") from None
    except fastjsonschema.JsonSchemaValueException as error:
        raise PlanError(f"{PATH.name}{_found(error, read)}") from None
    refuse([f"{PATH.name}, {problem}" for problem in (*_unknown(read), *_unsound(read))])
    return read


def limits() -> Limits:
    """The limits that the plan sets."""
    return Limits(**specification()["limits"])


def settable() -> dict[str, dict[str, Any]]:
    """The parameters that a user may set, those that some run takes, each with its rule."""
    taken = {name for entry in specification()["runs"] for name in entry.get("takes", [])}
    return {name: rule for name, rule in specification()["parameters"].items() if name in taken}


def checked(name: str, text: str) -> Value:
    """The user's value for a parameter in its own type, or a PlanError that says what would do.

    >>> checked("min_people", "7")
    7
    """
    if name not in settable():
        raise PlanError(f'"{name}" is no parameter of a run; {choice(name, settable())}')
    return fitting(name, text)


def fitting(name: str, text: str) -> Value:
    """The value that a text means for a parameter of the plan, or a PlanError that says what would do."""
    return _fitting(name, text, specification()["parameters"][name])


def default(name: str) -> Value:
    """What a parameter is unless it is given."""
    return fitting(name, _text(specification()["parameters"][name]["default"]))


def _text(value: Value) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)


def legal(rule: dict[str, Any]) -> str:
    """What a parameter may be, in words.

    >>> legal({"type": "float", "minimum": 0.5, "maximum": 0.999})
    'float, 0.5 to 0.999'
    """
    low, high = rule.get("minimum"), rule.get("maximum")
    words = ["texts with semicolons between them" if rule["type"] == "list" else rule["type"]]
    if "one_of" in rule:
        words.append("one of " + ", ".join(rule["one_of"]))
    if low is not None:
        words.append(f"{low} or more" if high is None else f"{low} to {high}")
    elif high is not None:
        words.append(f"{high} or less")
    return ", ".join(words)


def choice(found: str, there: Iterable[str]) -> str:
    """What there is instead, and what was probably meant."""
    near = difflib.get_close_matches(found, [*there], n=1, cutoff=0.0)
    return f"there are {', '.join(there)}." + (f' Did you mean "{near[0]}"?' if near else "")


def refuse(problems: Sequence[str]) -> None:
    """PlanError with all the problems, if there are any."""
    if problems:
        raise PlanError("\n".join(problems))


def _holds() -> Any:  # noqa: ANN401 - a function that fastjsonschema writes
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return fastjsonschema.compile(schema, use_default=False)


def _found(error: fastjsonschema.JsonSchemaValueException, read: dict[str, Any]) -> str:
    """Where the plan does not hold to its schema, what stands there, and what was expected."""
    _, *steps = error.path
    first = ""
    if steps[:1] == ["runs"] and len(steps) > 1:
        run = read["runs"][int(steps[1])]
        name = run.get("name", "") if isinstance(run, dict) else ""
        first, steps = f", run {int(steps[1]) + 1} {json.dumps(name)}", steps[2:]
    where = first + "".join(
        f", number {int(step) + 1}" if step.isdecimal() else f", {step}" for step in steps
    )
    if error.rule == "required":
        missing = [key for key in error.definition["required"] if key not in error.value]
        return f"{where}: {', '.join(missing)} is missing"
    if error.rule == "additionalProperties":
        known = error.definition["properties"]
        return "".join(
            f'{where}: "{key}" is not known; {choice(key, known)}' for key in error.value if key not in known
        )
    return f"{where}: found {error.value!r}; expected {error.definition['description']}"


def _unknown(read: dict[str, Any]) -> Iterable[str]:
    """What the runs take that is not under [parameters]."""
    known = read["parameters"]
    for entry in read["runs"]:
        run = f'run "{entry["name"]}"'
        for name in [*entry.get("takes", []), *entry.get("sets", {})]:
            if name not in known:
                yield f'{run}: takes "{name}", which is not under [parameters]; {choice(name, known)}'
        for name in entry.get("sets", {}).keys() & {*entry.get("takes", [])}:
            yield f'{run}: sets "{name}" and takes it too; expected one of them'
        for name in entry.get("takes", []):
            if "default" not in known.get(name, {"default": 0}):
                yield f'{run}: takes "{name}", which has no default under [parameters]'


def _unsound(read: dict[str, Any]) -> Iterable[str]:
    """Rules that do not fit the type of their parameter, and defaults that they would refuse."""
    for name, seconds in read["limits"].items():
        if not math.isfinite(seconds):
            yield f"limits, {name}: found {seconds}; expected a number of seconds above 0"
    for name, rule in read["parameters"].items():
        misplaced = {"str": {"minimum", "maximum"}, "list": {"minimum", "maximum", "one_of"}}.get(
            rule["type"], {"one_of"}
        )
        if wrong := rule.keys() & misplaced:
            yield f'parameter "{name}": {", ".join(sorted(wrong))} says nothing of type {rule["type"]}'
            continue
        try:
            if "default" in rule and _fitting(name, _text(rule["default"]), rule) != rule["default"]:
                yield f'parameter "{name}": the default {rule["default"]!r} is not of type {rule["type"]}'
        except PlanError as error:
            yield f"the default of {error}"


def _fitting(name: str, text: str, rule: dict[str, Any]) -> Value:
    expected = f"expected {legal(rule)} ({rule['help']})"
    try:
        value = TYPES[rule["type"]](text)
    except ValueError:
        raise PlanError(f'{name}="{text}": {expected}') from None
    inside = value in rule.get("one_of", [value]) and rule.get("minimum", value) <= value <= rule.get(
        "maximum", value
    )
    if not inside:
        raise PlanError(f'{name}="{text}": {expected}')
    return value
