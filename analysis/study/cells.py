"""What may stand in a cell, and what is said of one that cannot stay as it is."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from analysis.study.problems import listed, nearest, shown

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that no table can show and that Word files must not hold."""
NOT_STATED = "not stated"
"""The group of people whose cell is blank: a grouping says nothing of them."""
Field = dict[str, Any]
"""A field of a Table Schema: name, type, description, default, constraints."""
TYPES: dict[str, tuple[str, Callable[[str], object]]] = {
    "integer": (r"[+-]?[0-9]{1,15}", int),
    "number": (r"[+-]?[0-9]{1,15}(\.[0-9]+)?", float),
    "boolean": (r"(?i)true|false", str),
    "date": (r"\d{4}-\d{2}-\d{2}", pd.Timestamp),
    "string": (r"(?s).*", str),
}
FORMS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date as 2024-03-01",
}
TRUTHS = {
    "true": ("yes", "y", "1", "x", "t", "wahr", "ja", "j", "vrai", "oui", "verdadero", "sí", "si", "vero"),
    "false": ("no", "n", "0", "f", "falsch", "nein", "faux", "non", "falso", "nee", "-"),
}
"""What people and the spreadsheets of other countries write for true and false."""
FIRST_DAY = date(1899, 12, 30)
"""Day 0 of Excel's calendar."""
Found = tuple[str, object]
"""What is wrong, and the nearest that would do, if anything is."""


def problem(value: str, field: Field) -> Found | None:
    """At most one error of a cell: its signs, its spaces, its absence, its type, then its limits."""
    limits = field.get("constraints", {})
    if found := CONTROL.search(value):
        sign = f"a sign that nobody sees (U+{ord(found[0]):04X}), as word processors leave them; remove it"
        return f'"{shown(value)}" has {sign}', _short(CONTROL.sub(" ", value).strip())
    if not value.strip():
        if limits.get("required"):
            return "the cell is blank; expected a value", None
        return ("the cell holds nothing but a space; empty it", None) if value else None
    if value != value.strip():
        around = value[: len(value) - len(value.lstrip())] + value[len(value.rstrip()) :]
        what = "line break" if set(around) & {"\n", "\r"} else "space"
        return f'"{shown(value)}" has a {what} before or after it', _short(value.strip())
    return _type_problem(value, field) or _limit_problem(value, limits)


def mended(value: str, field: Field) -> str:
    """What a cell at fault probably means, so that other tables can be held to it; blank, if nothing."""
    value = CONTROL.sub("", value).strip()
    return "" if field.get("type", "string") != "string" and problem(value, field) else value


def _short(value: str) -> str | None:
    """A value that fits into a hint."""
    return value if value == shown(value) else None


def _limit_problem(value: str, limits: dict[str, Any]) -> Found | None:
    if "enum" in limits and value not in limits["enum"]:
        return f'"{shown(value)}" is not one of {listed(limits["enum"], 20)}', nearest(value, limits["enum"])
    if "minimum" in limits and float(value) < limits["minimum"]:
        low = limits["minimum"]
        return f'"{value}" is less than {low}; expected {low} or more', low
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        return f'"{shown(value)}" does not have the form {limits["pattern"]}', None
    return None


def _type_problem(value: str, field: Field) -> Found | None:
    kind = field.get("type", "string")
    pattern, convert = TYPES[kind]
    try:
        convert(value)
    except ValueError:
        fits = False
    else:
        fits = re.fullmatch(pattern, value) is not None
    if fits:
        return None
    says = f'"{shown(value)}" is not {FORMS[kind]}'
    if re.fullmatch(pattern, value):
        return f'"{value}" is no day of the calendar', None
    if kind == "date":
        days = _days(value)
        several = f": write {' or '.join(days)}, whichever is meant" if len(days) > 1 else ""
        return says + several, days[0] if len(days) == 1 else None
    if kind == "boolean":
        return says, next((truth for truth, words in TRUTHS.items() if value.casefold() in words), None)
    return says, _nearest_number(value, field)


def _nearest_number(value: str, field: Field) -> object:
    """The number in a text; a comma is a decimal sign, unless it parts thousands."""
    low = field.get("constraints", {}).get("minimum")
    if re.fullmatch(r"\d{1,3}([., '’\xa0\u202f]\d{3})+", value):
        return int(re.sub(r"\D", "", value))
    digits = re.search(r"-?\d+([.,]\d+)?" if field["type"] == "number" else r"-?\d+", value)
    if not digits:
        return low
    number = digits[0].replace(",", ".")
    found = float(number) if "." in number else int(number)
    return found if low is None else max(found, low)


def _days(value: str) -> list[str]:
    """Which days a text can be, in the order of day and month in Europe and in America.

    >>> _days("3/1/2024")
    ['2024-01-03', '2024-03-01']
    >>> _days("31.1.2024")
    ['2024-01-31']
    """
    if re.fullmatch(r"[34]\d{4}", value):
        return [str(FIRST_DAY + timedelta(int(value)))]
    found = re.match(r"(\d{1,4})[./-] ?(\d{1,2})[./-] ?(\d{1,4})(?!\d)", value)
    if not found:
        return []
    first, second, third = map(int, found.groups())
    century = 2000 if len(found[3]) < len("2000") else 0
    orders = [(third + century, second, first), (third + century, first, second)]
    if len(found[1]) == len("2000"):
        orders = [(first, second, third)]
    return [*dict.fromkeys(day for order in orders if (day := _day(*order)))]


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
