"""Large tables: opened where they lie, as lazy frames with the columns of the contract."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw

from analysis.elsewhere import FORMATS, Reference, in_memory
from analysis.frames import beside
from analysis.study import engines, headers, queries
from analysis.study.cells import FORMS, Field
from analysis.study.problems import Problem, listed, nearest
from analysis.study.rules import PACKAGE
from analysis.study.tables import Frames

TABLES = ("roster", "documents", "excerpts", "codings")
"""The tables that may lie elsewhere."""
Lazy = dict[str, nw.LazyFrame]


class Kind(NamedTuple):
    """A type of a Table Schema in an engine: as what it may be stored, and as what it is asked for."""

    stored: tuple[type[nw.dtypes.DType], ...]
    asked: type[nw.dtypes.DType]


WHOLE = (
    *(nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.Int128),
    *(nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64, nw.UInt128),
)
KINDS = {
    "string": Kind((nw.String, nw.Categorical, nw.Enum, nw.Date, *WHOLE), nw.String),  # ids are often numbers
    "date": Kind((nw.String, nw.Date), nw.String),
    "integer": Kind(WHOLE, nw.Int64),
    "number": Kind((*WHOLE, nw.Float32, nw.Float64, nw.Decimal), nw.Float64),
    "boolean": Kind((nw.Boolean,), nw.Boolean),
}
FURTHER = Kind((*KINDS["string"].stored, *KINDS["number"].stored, nw.Boolean), nw.String)
"""Columns of which nothing is said stay as text."""


def problems(found: Mapping[str, Reference], folder: Path) -> Iterator[Problem]:
    """References that say too little, or of a table that has to be a file of the study's folder."""
    for name, reference in found.items():
        needed = {"parquet": ("path",), "csv": ("path",), "duckdb": ("path", "table"), "spark": ("table",)}[
            reference.format
        ]
        if name not in TABLES:
            says = f'"{name}" cannot lie elsewhere than in {name}.csv; only {listed(TABLES)} can'
            yield Problem(PACKAGE, None, f"resources, {name}", says)
        elif (folder / f"{name}.csv").exists():
            says = f"the table lies in {reference}, and {name}.csv is there too; remove one of the two"
            yield Problem(PACKAGE, None, f"resources, {name}", says)
        for key in needed:
            if not getattr(reference, key):
                says = f'a table of the format "{reference.format}" needs its {key}, as a text'
                yield Problem(PACKAGE, None, f"resources, {name}", says)


def unknown(package: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """What is said of large tables and means nothing."""
    for resource in package.get("resources", []):
        name, told, where = resource["name"], resource.get("format", ""), f"resources, {resource['name']}"
        if name not in TABLES or in_memory(resource) or (folder / f"{name}.csv").exists():
            continue
        if told not in FORMATS and {"format", "path"} & {*resource}:
            says = f'"{told}" is no format of a table elsewhere; expected one of {listed(FORMATS)}'
            yield Problem(
                PACKAGE, None, where, says, nearest(str(told).casefold(), FORMATS) if told else None
            )
        for key in ("path", "table") if told in FORMATS else ():
            if not isinstance(resource.get(key, ""), str):
                says = f'its {key} is no text; expected one, as "{name}/*.parquet" for several files'
                yield Problem(PACKAGE, None, where, says)


def opened(
    found: Mapping[str, Reference], folder: Path, cluster: str, contract: Mapping[str, Any], frames: Frames
) -> tuple[Lazy, dict[str, list[str]], list[Problem]]:
    """The large tables of a study with the columns of the contract, the columns that each reference has, and
    why one cannot be opened.

    Those of `frames`, which were read from CSV files, are put beside the others. UnusableError, if there is
    no engine.
    """
    engine = engines.engine(cluster)
    lazy: Lazy = {}
    stored: dict[str, list[str]] = {}
    wrong: list[Problem] = []
    for name, reference in found.items():
        fields = contract[name]["fields"]
        try:
            table = engine.table(reference, _files(engine, reference, folder))
        except engines.UnopenedError as error:
            wrong.append(Problem(PACKAGE, None, f"resources, {name}", str(error)))
            continue
        if reference.format == "csv":
            wrong += queries.unfit(str(reference), table, fields)
            table = _of_texts(table, fields)
        columns = dict(table.collect_schema())
        wrong += _columns(str(reference), columns, fields)
        lazy[name], stored[name] = table, [*columns]
    if wrong:
        return {}, {}, wrong
    neighbour = next(iter(lazy.values()))
    lazy |= {name: beside(frames[name], neighbour) for name in TABLES if name not in lazy}
    whole = {name: typed(lazy[name], contract[name]["fields"]) for name in TABLES}
    kept = {name: {*whole[name].collect_schema()} for name in stored}
    return whole, {name: [one for one in stored[name] if one in kept[name]] for name in stored}, []


def _files(engine: engines.Engine, reference: Reference, folder: Path) -> list[Path]:
    """The files of a reference, which agree in their columns. UnopenedError."""
    files = reference.files(folder)
    if reference.path and not files:
        raise engines.UnopenedError(f'"{reference.path}" is no file, seen from the folder of the study')
    if reference.format == "duckdb" and len(files) > 1:
        raise engines.UnopenedError(f'"{reference.path}" are {len(files)} files; expected one')
    if reference.format in ("parquet", "csv"):
        first = engine.columns(reference, files[0])
        for file in files[1:]:
            _alike(files[0], first, file, engine.columns(reference, file))
        parts = (part for file in files for part in Path(os.path.relpath(file, folder)).parts[:-1])
        lacking = (part for part in parts if "=" in part and part.split("=")[0] not in first)
        if part := next(lacking, ""):
            says = f'the name of the folder "{part}" has a column that its files lack; write it into them'
            raise engines.UnopenedError(says)
    return files


def _alike(first: Path, columns: dict[str, str], file: Path, others: dict[str, str]) -> None:
    """UnopenedError, if two files of one table disagree in their columns."""
    for name in [*columns, *(name for name in others if name not in columns)]:
        one, other = columns.get(name), others.get(name)
        if one != other:
            says = (
                f'"{first.name}" has {one or "no such column"}, "{file.name}" has {other or "no such column"}'
            )
            raise engines.UnopenedError(f'the files disagree in the column "{name}": {says}')


def _columns(file: str, columns: dict[str, nw.dtypes.DType], fields: list[Field]) -> Iterator[Problem]:
    """Columns that are missing, misspelt, or of another type."""
    yield from headers.missing(file, None, [*columns], fields)
    for field in fields:
        name, kind = field["name"], field.get("type", "string")
        if name in columns and not isinstance(columns[name], KINDS[kind].stored):
            says = f"the column holds values of the type {columns[name]}; expected {FORMS.get(kind, 'text')}"
            yield Problem(file, None, name, says)


def _of_texts(table: nw.LazyFrame, fields: list[Field]) -> nw.LazyFrame:
    """A table that holds nothing but texts, which fit, as what they mean; rows without any are left out."""
    columns = table.collect_schema()
    table = table.filter(
        nw.any_horizontal(*(~nw.col(name).is_null() for name in columns), ignore_nulls=False)
    )
    kinds = {
        field["name"]: KINDS[field.get("type", "string")] for field in fields if field["name"] in columns
    }
    return table.with_columns(
        **{name: _cell(nw.col(name), columns[name], kind) for name, kind in kinds.items()}
    )


def typed(table: nw.LazyFrame, fields: list[Field]) -> nw.LazyFrame:
    """The table with every column of the contract: an absent one has its default, an empty text is none.

    Columns of which nothing is said stay as text, those that are no single value are left out.
    """
    columns = table.collect_schema()
    known = {field["name"]: field for field in fields}
    kinds = {name: KINDS[known[name].get("type", "string")] if name in known else FURTHER for name in columns}
    own = {
        name: _cell(nw.col(name), columns[name], kind)
        for name, kind in kinds.items()
        if isinstance(columns[name], kind.stored)
    }
    absent = {
        name: nw.lit(None).cast(KINDS[field.get("type", "string")].asked)
        for name, field in known.items()
        if name not in columns
    }
    cells = own | absent
    for name, cell in cells.items():
        default = known.get(name, {}).get("default")
        if default is not None:
            cells[name] = cell.fill_null(nw.lit(default))
    return table.select(**cells)


def _cell(cell: nw.Expr, stored: nw.dtypes.DType, kind: Kind) -> nw.Expr:
    """A column as the type that is asked for."""
    if isinstance(stored, nw.String):
        cell = nw.when(cell != "").then(cell)
    return cell if isinstance(stored, kind.asked) else cell.cast(kind.asked)
