"""Where a number stands in the results, and what stands there now.

An address is a file, the rows of it that count, a column, and a rule by which one value comes of the cells:

    file    sample.csv, tables/table-?.csv (only with the rule `files`), run.json
    row     role_group=nurse|doctor; borough!=all      blank: every row
    column  people; of a .json or .toml file the names that lead to the value: software.python
    rule    value           the one cell that is left
            rows            how many rows are left
            sum             the sum of the cells
            different       how many different values the cells have, blanks aside
            largest NAME    the cell of the row where NAME is largest, or the cells, joined by " and "
            smallest NAME   where it is smallest
            files           how many files are called so

Behind any rule may stand how it is rounded, half away from nought: `value, round 1`, or `value, percent` and
`value, percent 1` for a share. A value with a `;` or a `|` in it cannot be asked for in a row.
"""

import csv
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from analysis.study.problems import nearest, shown

COLUMNS = ["file", "row", "column", "rule"]
RULES = ("value", "rows", "sum", "different", "largest", "smallest", "files")
ROUNDING = ("round", "percent")
NESTED: dict[str, Callable[[str], object]] = {".json": json.loads, ".toml": tomllib.loads}
Row = dict[str, str]


class AddressError(Exception):
    """An address that leads to nothing, or to more than one value; `near` may be what was meant."""

    def __init__(self, says: str, near: str | None = None) -> None:
        super().__init__(f'{says}. Did you mean "{near}"?' if near else says)


@dataclass(frozen=True)
class Address:
    """A file below the folder of the results, a filter of its rows, a column and a rule."""

    file: str
    row: str = ""
    column: str = ""
    rule: str = "value"

    def __str__(self) -> str:
        parts = [f'{name} "{part}"' for name, part in (("row", self.row), ("column", self.column)) if part]
        return ", ".join([self.file, *parts, f'rule "{self.rule}"'])


def of(row: Mapping[str, object]) -> Address | None:
    """The address that a row of a table gives, None if it gives none."""
    said = {name: row.get(name) for name in COLUMNS}
    texts = {name: text for name, text in said.items() if isinstance(text, str) and text}
    return Address(**{"file": "", **texts}) if texts else None


def value(root: Path, address: Address) -> str:
    """What stands at the address below `root` now, or an AddressError that says what of it leads nowhere."""
    rule, *rounding = address.rule.split(", ")
    name, _, by = rule.partition(" ")
    if name not in RULES:
        raise AddressError(f'{address.file}: "{rule}" is no rule', nearest(name, RULES))
    if Path(address.file).is_absolute() or ".." in Path(address.file).parts:
        raise AddressError(f'"{address.file}" is not below the folder of the results')
    if name == "files":
        found = str(sum(path.is_file() for path in root.glob(address.file)))
    elif (path := _file(root, address)).suffix in NESTED:
        found = _entry(NESTED[path.suffix](path.read_text(encoding="utf-8")), address)
    else:
        found = _of_rows(path, address, name, by)
    return _rounded(found, rounding, address)


def _file(root: Path, address: Address) -> Path:
    if (root / address.file).is_file():
        return root / address.file
    beside = (root / address.file).parent
    others = [path.relative_to(root).as_posix() for path in sorted(beside.glob("*.*")) if path.is_file()]
    raise AddressError(f'there is no file "{address.file}"', nearest(address.file, others))


def _entry(whole: object, address: Address) -> str:
    """The value to which the names of `column` lead."""
    for name in address.column.split("."):
        if not isinstance(whole, dict) or name not in whole:
            legal = [*whole] if isinstance(whole, dict) else []
            raise AddressError(f'{address.file} has no "{name}" of {address.column}', nearest(name, legal))
        whole = whole[name]
    return str(whole)


def _of_rows(path: Path, address: Address, rule: str, by: str) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, header = [*reader], [*(reader.fieldnames or [])]
    kept = _filtered(rows, header, address)
    if rule == "rows":
        return str(len(kept))
    cells = [row[_column(address.column, header, address)] for row in kept]
    if rule == "sum":
        return str(sum((_number(cell, address) for cell in cells), Decimal(0)))
    if rule == "different":
        return str(len({*filter(None, cells)}))
    if not kept:
        raise AddressError(f"{address}: no row has that", _nearest_row(rows, address))
    if rule == "value":
        if len(cells) > 1:
            raise AddressError(f"{address}: {len(cells)} rows have that, and the rule needs one")
        return cells[0]
    column = _column(by, header, address)
    sizes = [_number(row[column], address) for row in kept]
    most = max(sizes) if rule == "largest" else min(sizes)
    ends = [cell for cell, size in zip(cells, sizes, strict=True) if size == most]
    return " and ".join(dict.fromkeys(ends))


def _filtered(rows: list[Row], header: list[str], address: Address) -> list[Row]:
    for column, sign, values in _conditions(address):
        name = _column(column, header, address)
        rows = [row for row in rows if (row[name] in values) == (sign == "=")]
    return rows


def _conditions(address: Address) -> list[tuple[str, str, list[str]]]:
    """Each condition on the rows: a column, `=` or `!=`, and the values."""
    found = []
    for part in filter(None, address.row.split("; ")):
        if not (match := re.fullmatch(r"([^=]+?)(!?=)(.*)", part)):
            raise AddressError(f'{address.file}: row "{part}" is not of the form column=value')
        found.append((match[1], match[2], match[3].split("|")))
    return found


def _nearest_row(rows: list[Row], address: Address) -> str | None:
    """What the first condition that no row meets may have meant."""
    for column, sign, values in _conditions(address):
        legal = {row[column] for row in rows}
        if sign == "=" and (unknown := [text for text in values if text not in legal]):
            return nearest(unknown[0], sorted(legal))
    return None


def _column(name: str, header: list[str], address: Address) -> str:
    if name not in header:
        raise AddressError(f'{address.file} has no column "{name}"', nearest(name, header))
    return name


def _number(cell: str, address: Address) -> Decimal:
    try:
        return Decimal(cell)
    except InvalidOperation:
        raise AddressError(f'{address}: "{shown(cell)}" is no number') from None


def _rounded(found: str, rounding: list[str], address: Address) -> str:
    for words in rounding:
        name, _, places = words.partition(" ")
        if name not in ROUNDING or not re.fullmatch(r"\d?", places):
            raise AddressError(f'{address.file}: "{words}" is no way to round', nearest(name, ROUNDING))
        exact = _number(found, address) * (100 if name == "percent" else 1)
        found = str(exact.quantize(Decimal(1).scaleb(-int(places or 0)), ROUND_HALF_UP))
    return found
