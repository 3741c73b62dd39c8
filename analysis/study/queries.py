"""The rules of a study asked of tables that lie in an engine: few passes, and only what is wrong comes back.

Each query finds the values at fault, with the number of rows that hold each; the sentences are those of
tables that are read here. A column that leads to the key of another table is not looked at cell by cell: what
is wrong with a cell of it is in no row there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from analysis import FailedError
from analysis.frames import beside, collected, length
from analysis.study import cells, rules, selecting, sentences
from analysis.study.cells import NOT_STATED, Field
from analysis.study.problems import Problem, StudyError, nearest
from analysis.study.sampling import short_roster, those
from analysis.study.sentences import Rule
from analysis.study.tables import Frames, of_texts, texts

BLANK = "".join(sign for number in range(0x3001) if (sign := chr(number)).isspace())
"""Every sign that parts words."""
UNSEEN = f"{cells.CONTROL.pattern}|^[{BLANK}]|[{BLANK}]$"
"""What no text may have in it, or at its ends."""
DAY = "(0[1-9]|1[0-9]|2[0-8])"
DAYS = (
    f"^([0-9]{{4}}-(0[1-9]|1[0-2])-{DAY}|[0-9]{{4}}-(0[13-9]|1[0-2])-(29|30)|[0-9]{{4}}-(0[13578]|1[02])-31"
    "|[0-9]{2}([02468][048]|[13579][26])-02-29)$"
)
"""The days of the calendar."""
ROWS = "rows of the value"
"""The column of an answer that counts."""


@dataclass(frozen=True)
class Asked:
    """A study whose large tables lie in an engine.

    `lazy` are these and `frames` all others, of CSV files without an error. `files` says where each table
    lies that the study has, `stored` which columns of it have cells that nobody has looked at.
    """

    lazy: Mapping[str, nw.LazyFrame]
    frames: Frames
    files: Mapping[str, str]
    stored: Mapping[str, list[str]]
    contract: Mapping[str, Any]
    choices: Mapping[str, Any]

    def there(self, table: str) -> nw.LazyFrame:
        """A table where the large ones are."""
        return self.lazy[table] if table in self.lazy else beside(self.frames[table], self.lazy["excerpts"])


def broken(asked: Asked) -> Iterator[Problem]:
    """Every rule that the large tables break, by themselves and with the others."""
    for table in asked.lazy:
        if table in asked.files:
            yield from _rows(asked, table)
            yield from _repeated(asked, table)
    for link in _links(asked):
        yield from _dangling(asked, link)
    yield from _role_labels(asked)
    if asked.choices.get("uncoded_excerpts", "error") == "error":
        yield from _uncoded(asked)
    named = asked.choices.get("cleared", [])
    found = collected(
        those(asked.lazy["excerpts"], "excerpt", pd.Series(named, dtype="str")).select("excerpt")
    )
    yield from rules.uncleared(named, {*found["excerpt"]}, [], asked.files["excerpts"])
    yield from _selections(asked)


def _problems(file: str, rule: Rule, values: nw.LazyFrame) -> Iterator[Problem]:
    """What is said of values that are suspected, each with its number of rows: of as many as are shown."""
    size, whole, found = StudyError.MOST, False, []
    while not whole and len(found) < StudyError.MOST:  # an engine may suspect what is found to be sound
        told = collected(values.sort(*rule.of).head(size)).convert_dtypes()
        found = [(row[ROWS], said) for row in told.to_dict("records") if (said := rule.says(row))]
        whole, size = len(told) < size, size * 10
    shown = found[: StudyError.MOST]
    more = len(found) - len(shown) + (0 if whole else length(values) - len(told))
    for place, (rows, said) in enumerate(shown, start=1):
        yield Problem(file, None, rule.column, *said, rows=rows, more=more if place == len(shown) else 0)


def unfit(file: str, table: nw.LazyFrame, fields: list[Field]) -> Iterator[Problem]:
    """Cells that are no number, or not true or false, of a table that holds nothing but texts."""
    columns = table.collect_schema()
    for field in fields:
        name, kind = field["name"], field.get("type", "string")
        if name in columns and kind in ("integer", "number", "boolean"):
            rule = Rule("", name, (name,), lambda row: row, _judged(name, field))
            wrong = (nw.col(name) != "") & ~nw.col(name).str.contains(f"^(?:{cells.TYPES[kind][0]})$")
            yield from _problems(file, rule, _each(table.filter(_is(wrong)), rule))


def _judged(column: str, field: Field) -> Callable[[Mapping[str, Any]], cells.Found | None]:
    """What `cells` says of a value of a column."""
    return lambda row: cells.problem("" if pd.isna(row[column]) else str(row[column]), field)


def _each(rows: nw.LazyFrame, rule: Rule) -> nw.LazyFrame:
    """The different values of a rule's columns, with the number of rows that hold each."""
    return rows.group_by(*rule.of).agg(nw.len().alias(ROWS))


def _rows(asked: Asked, name: str) -> Iterator[Problem]:
    """What cells and rows break by themselves: one pass, and another for each rule that is broken."""
    table = asked.lazy[name]
    held = [*(rule for rule in sentences.RULES if rule.table == name), *_forms(asked, name)]
    masks = [_is(rule.broken({column: nw.col(column) for column in rule.of})) for rule in held]
    sums = {str(place): mask.cast(nw.Int64).sum() for place, mask in enumerate(masks)}
    if not sums:
        return
    try:
        found = collected(table.select(**sums)).fillna(0).iloc[0]
    except FailedError:
        if not (unknown := [*_unknown_patterns(asked, name)]):
            raise
        yield from unknown
        return
    for place, rule in enumerate(held):
        if found[str(place)]:
            yield from _problems(asked.files[name], rule, _each(table.filter(masks[place]), rule))


def _unknown_patterns(asked: Asked, name: str) -> Iterator[Problem]:
    """Patterns of a table's columns that the engine cannot use, though Python can."""
    for field in asked.contract[name]["fields"]:
        column, pattern = field["name"], field.get("constraints", {}).get("pattern")
        if pattern and column in asked.stored.get(name, []):
            try:
                text = nw.col(column).cast(nw.String)
                collected(asked.lazy[name].head(1).select(text.str.contains(_pattern(pattern))))
            except FailedError:
                says = f"the engine can make nothing of the pattern {pattern}; write it more plainly"
                yield Problem(rules.PACKAGE, None, f"resources, {name}, {column}", says)


def _forms(asked: Asked, name: str) -> Iterator[Rule]:
    """The form of each column's cells as a rule: an expression suspects them, and `cells` judges."""
    links = asked.contract[name].get("foreignKeys", [])
    held = {link["field"] for link in links if link["table"] in asked.files}
    known = {field["name"]: field for field in asked.contract[name]["fields"]}
    for column in asked.stored.get(name, []):
        field = known.get(column, {"name": column})
        if wrong := [*_suspected(nw.col(column), field, alone=column not in held)]:
            mask = nw.any_horizontal(*map(_is, wrong), ignore_nulls=False)
            yield Rule(name, column, (column,), lambda _, mask=mask: mask, _judged(column, field))


def _suspected(cell: nw.Expr, field: Field, *, alone: bool) -> Iterator[nw.Expr]:
    """What may be wrong with a cell; if no other table holds it to something, also with its form."""
    limits, kind = field.get("constraints", {}), field.get("type", "string")
    if limits.get("required"):
        yield cell.is_null()
    if kind == "string" and alone:
        yield cell.str.contains(UNSEEN)
    if kind == "date":
        yield ~cell.str.contains(DAYS)
    if "enum" in limits:
        yield ~cell.is_in(limits["enum"])
    if "minimum" in limits:
        yield cell < limits["minimum"]
    if "pattern" in limits:
        yield ~cell.cast(nw.String).str.contains(_pattern(limits["pattern"]))


def _pattern(pattern: str) -> str:
    """A pattern of Python's for a whole value, as engines write it: to them a letter is one of English."""
    out, inside = "", False
    for sign in re.findall(r"\\.|.", pattern, re.DOTALL):
        inside = (inside or sign == "[") and sign != "]"
        out += (INSIDE if inside else OUTSIDE).get(sign, sign)
    return f"^(?:{out})$"


INSIDE = {r"\w": r"\p{L}\p{N}_", r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}
"""What a letter or a digit of Python's patterns is in square brackets, which cannot hold all but letters."""
OUTSIDE = INSIDE | {r"\w": r"[\p{L}\p{N}_]", r"\W": r"[^\p{L}\p{N}_]"}


def _is(mask: nw.Expr) -> nw.Expr:
    """A mask that is false where nothing is known."""
    return nw.coalesce(mask, nw.lit(value=False))


def _repeated(asked: Asked, name: str) -> Iterator[Problem]:
    """Keys that stand in several rows; of a participant whose rows differ in a group it is said in which."""
    for key in rules.keys(asked.contract[name]):
        named = nw.any_horizontal(*(~nw.col(column).is_null() for column in key), ignore_nulls=False)
        groupings = _groupings(asked) if name == "roster" and key == ["participant"] else []
        groups = {by: nw.col(by).fill_null(NOT_STATED) for by in groupings}
        rows = asked.lazy[name].filter(named).select(*key, **groups).group_by(*key)
        ends = [nw.col(by).min().alias(f"first {by}") for by in groupings]
        ends += [nw.col(by).max().alias(f"last {by}") for by in groupings]
        again = rows.agg(nw.len().alias(ROWS), *ends).filter(nw.col(ROWS) > 1)
        if collected(again.select(*key).head(1)).empty:
            continue
        file = asked.files[name]
        for by in groupings:
            differ = nw.col(f"first {by}") != nw.col(f"last {by}")
            yield from _problems(file, _in_two(by), again.filter(differ))
            again = again.filter(~differ)
        yield from _problems(file, _more_than_once(name, key), again)


def _groupings(asked: Asked) -> list[str]:
    return [by for by in asked.choices["groupings"] if by != "role_group"]


def _in_two(by: str) -> Rule:
    def says(row: Mapping[str, Any]) -> cells.Found:
        return sentences.two_groups(row["participant"], (row[f"first {by}"], row[f"last {by}"]), by), None

    return Rule("roster", by, ("participant",), _is, says)


def _more_than_once(table: str, key: list[str]) -> Rule:
    def says(row: Mapping[str, Any]) -> cells.Found:
        return sentences.repeated(row[column] for column in key), None

    return Rule(table, " + ".join(key), (*key,), _is, says)


class Link(NamedTuple):
    """A column of some rows of a table, which leads to the key of another table."""

    table: str
    rows: nw.LazyFrame
    to: dict[str, str]


def _links(asked: Asked) -> Iterator[Link]:
    """Every link of which one end lies in the engine; a note's depends on what the note is about."""
    for table, schema in asked.contract.items():
        for link in schema.get("foreignKeys", []):
            both = {table, link["table"]}
            if both <= asked.files.keys() and both & asked.lazy.keys():
                yield Link(table, asked.there(table), link)
    for target in asked.lazy if "notes" in asked.files else ():
        if target in asked.files:
            notes = asked.there("notes").filter(nw.col("of") == target)
            key = asked.contract[target]["fields"][0]["name"]
            yield Link("notes", notes, {"field": "owner", "table": target, "key": key})


def _dangling(asked: Asked, link: Link) -> Iterator[Problem]:
    """Values of a column that name nothing in the table to which it leads."""
    target, separator, field, key = (link.to.get(one) for one in ("table", "separator", "field", "key"))
    legal = [*asked.frames[target][key].dropna()] if target in asked.frames else []
    values = link.rows.select(nw.col(field))
    if separator:
        values = (
            values.filter(~nw.col(field).is_null()).select(nw.col(field).str.split(separator)).explode(field)
        )
        values = values.select(nw.col(field).str.strip_chars())
    known = asked.there(target).select(nw.col(key).alias(field))
    loose = values.filter(_is(nw.col(field) != "")).join(known, on=field, how="anti")

    def says(row: Mapping[str, Any]) -> cells.Found:
        near = rules.parted(row[field], {*legal}, separator) or (
            nearest(row[field], legal) if legal else None
        )
        found = sentences.unknown(row[field], asked.files[target]), near
        return cells.problem(row[field], {"name": field}) or found

    rule = Rule(link.table, field, (field,), _is, says)
    yield from _problems(asked.files[link.table], rule, _each(loose, rule))


def _role_labels(asked: Asked) -> Iterator[Problem]:
    """Roles that roles.csv does not explain."""
    if "roles" not in asked.files:
        return
    labels = [*asked.frames["roles"]["label"].dropna()]
    plain = {label.casefold() for label in labels}
    for table, column in rules.LABELLED.items():
        rows = asked.lazy[table]
        spoken = rows.filter(nw.col("source") == "interview") if table == "excerpts" else rows
        values = spoken.filter(~nw.col(column).is_null()).select(
            column, plain=nw.col(column).str.to_lowercase()
        )
        known = pd.DataFrame({"plain": sorted({label.lower() for label in labels})}, dtype="str")

        def says(row: Mapping[str, Any], column: str = column) -> cells.Found | None:
            return None if row[column].casefold() in plain else sentences.no_label(row[column], labels)

        rule = Rule(table, column, (column,), _is, says)
        if table in asked.files:
            loose = values.join(beside(known, rows), on="plain", how="anti")
            yield from _problems(asked.files[table], rule, _each(loose, rule))


def _uncoded(asked: Asked) -> Iterator[Problem]:
    """Excerpts without a coding."""
    loose = asked.lazy["excerpts"].select("excerpt").filter(~nw.col("excerpt").is_null())
    loose = loose.join(asked.lazy["codings"].select("excerpt"), on="excerpt", how="anti")
    file = asked.files["codings"]
    rule = Rule(
        "excerpts", "excerpt", ("excerpt",), _is, lambda row: (sentences.uncoded(row["excerpt"], file), None)
    )
    yield from _problems(asked.files["excerpts"], rule, _each(loose, rule))


def _selections(asked: Asked) -> Iterator[Problem]:
    """Quotations chosen by hand: they are few, and what they are held to is brought into memory."""
    if "selections" not in asked.files:
        return
    chosen = asked.frames["selections"]["excerpt"]
    excerpts = collected(those(asked.lazy["excerpts"], "excerpt", chosen))
    found = {
        "excerpts": excerpts,
        "codings": collected(those(asked.lazy["codings"], "excerpt", chosen)),
        "roster": short_roster(asked.lazy["roster"], excerpts["participant"], _groupings(asked)),
    }
    small = {name: of_texts(texts(frame), asked.contract[name]["fields"]) for name, frame in found.items()}
    yield from selecting.broken({**asked.frames, **small}, dict(asked.choices))
