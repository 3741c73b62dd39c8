"""A project from the rows of a sheet, by a mapping.

Every row but the header is one item "row" and every code in it one item "code mark". A row is a passage, with
or without codes, in every kind of sheet; a mark is a coding of it. So a passage that several rows speak of (a
row for each code, or for each coder) is as many passages here, and whoever builds excerpts merges those that
are equal in source, place, region and text. If the sheet numbers its passages, the number is part of the
region: rows with one number are merged, and passages of the same words with two numbers are not.
"""

import re
from collections import defaultdict
from itertools import zip_longest

from analysis.sources import dates
from analysis.sources.grid import Sheet
from analysis.sources.mapping import Mapping, titles
from analysis.sources.project import GROUP, Project, attribute, frames

YES, NO = {"1", "true", "yes", "x", "✓", "✔"}, {"", "0", "false", "no", "-"}
LONGEST_CELL = 32_767
"""Characters that a cell of Excel can hold; a longer passage was cut."""
LEVELS = " > "
"""Between the levels of a code in its id."""


def project(title: str, sheet: Sheet, mapping: Mapping, besides: list[Sheet]) -> Project:
    """What the sheet says. Columns without a meaning and other sheets are listed among `others`."""
    read = _Reading(title, sheet, mapping)
    for index, row in enumerate(sheet.rows):
        if index != mapping.header_row - 1:
            read.row(index, row)
    read.said()
    left = [name for name in read.titled if name not in mapping.used()]
    for name in left:
        why = f'the mapping does not use the column "{name}"'
        read.other("column", f"column {name}", sheet.where(mapping.header_row - 1), why)
    for one in besides:
        read.other("sheet", f"sheet {one.name}", f'sheet "{one.name}"', "another sheet is read")
    columns = len(read.titled) - len(mapping.used().keys() & {*read.titled})
    totals = {"row": sheet.height - 1, "code mark": _marks(read), "column": columns, "sheet": len(besides)}
    tool = mapping.tool
    return Project(tool, mapping.form, title, frames(read.tables), totals, None, read.findings())


def _marks(read: "_Reading") -> int:
    """The code marks of a sheet, counted column by column."""
    if read.mapping.codebook:
        return 0
    body = read.sheet.rows[read.mapping.header_row :]
    columns = dict(zip(read.names, zip_longest(*body, fillvalue=""), strict=False))
    separator = read.mapping.separator
    listed = [columns.get(name, ()) for name in read.mapping.codes]
    cells = [separator.join(cells).split(separator) if separator else cells for cells in listed]
    ticks = sum(
        cell.strip().casefold() in YES for name in read.mapping.wide for cell in columns.get(name, ())
    )
    return ticks + sum(bool(part.strip()) for column in cells for part in column)


class _Reading:
    """The tables of a sheet while its rows are read."""

    def __init__(self, title: str, sheet: Sheet, mapping: Mapping) -> None:
        self.title, self.sheet, self.mapping = title, sheet, mapping
        self.names = titles(sheet, mapping.header_row)
        self.header = sheet.rows[mapping.header_row - 1]
        body = [[], *sheet.rows[mapping.header_row - 1 :]]
        filled = [any(cell.strip() for cell in column) for column in zip_longest(*body, fillvalue="")]
        self.titled = [name for name, full in zip(self.names, filled, strict=False) if full]
        self.tables: dict[str, list[dict]] = defaultdict(list)
        self.codes: dict[str, dict] = {}
        self.kept: dict[tuple[str, str], dict] = {}
        self.passages_of: dict[str, tuple] = {}
        self.speakers: dict[str, set[str]] = defaultdict(set)
        self.groups: dict[str, dict[str, str]] = defaultdict(dict)
        self.facts: dict[tuple[str, str, str], dict] = {}
        self.iso = self._dates()
        self.twice = self._in_several_groups()

    def _column(self, role: str) -> list[str]:
        """The cells of a column below the header."""
        name = self.mapping.columns.get(role)
        if name is None:
            return []
        place = self.names.index(name)
        return [row[place] if place < len(row) else "" for row in self.sheet.rows[self.mapping.header_row :]]

    def _dates(self) -> dict[str, str | None]:
        found = [one.strip() for one in self._column("date") if one.strip()]
        return dict(zip(found, dates.iso(found), strict=True))

    def _in_several_groups(self) -> set[str]:
        """In MAXQDA a document's name need be its own only within a group: names that are in several."""
        if self.mapping.tool != "MAXQDA" or "group" not in self.mapping.columns:
            return set()
        pairs = {*zip(map(_plain, self._column("document")), map(_plain, self._column("group")), strict=True)}
        names = [name for name, _ in pairs]
        return {name for name in names if names.count(name) > 1}

    def other(self, what: str, name: str, where: str, why: str) -> None:
        """A row, a column or a sheet that is left out."""
        number = f"{what} {len(self.tables['others']) + 1}"
        self.tables["others"].append({"id": number, "name": name, "what": what, "where": where, "why": why})

    def row(self, index: int, row: list[str]) -> None:
        """A row of the sheet: a passage and its codings, or a code of a codebook."""
        where = self.sheet.where(index)
        if index < self.mapping.header_row - 1:
            return self.other("row", " ".join(row).strip(), where, "it stands above the header")
        if not any(cell.strip() for cell in row):
            return self.other("row", "", where, "the row is blank")
        cells = dict(zip_longest(self.names, row, fillvalue=""))
        faults = []
        if len(row) != len(self.header):
            faults.append(f"it has {len(row)} cells where the header has {len(self.header)}")
        if self.mapping.codebook:
            return self._of_codebook(cells, where, faults)
        return self._passage(str(index + 1), cells, where, faults)

    def cell(self, cells: dict[str, str], role: str) -> str:
        """What the row says in the column of this role, white space aside; blank without such a column."""
        return _plain(cells.get(self.mapping.columns.get(role, ""), ""))

    def _of_codebook(self, cells: dict[str, str], where: str, faults: list[str]) -> None:
        named = _plain(cells[self.mapping.codes[0]]) if self.mapping.codes else ""
        code = self.code(named, where) if named else f"code of {where}"
        faults += [] if named else ["the code is blank; expected its name"]
        if self.codes.get(code, {}).get("what"):
            return self.other("row", named, where, "the code stands above already")
        means = cells[self.mapping.columns["definition"]].strip()
        known = self.codes.setdefault(code, {"id": code, "name": code, "where": where})
        known |= {"definition": means, "what": "row", **_fault(faults)}
        return None

    def _passage(self, number: str, cells: dict[str, str], where: str, faults: list[str]) -> None:
        source = self._source(cells, where, faults)
        case = self.cell(cells, "participant")
        if case:
            self._once("cases", case, where)
        self.speakers[source].add(case)
        text = cells.get(self.mapping.columns.get("text", ""), "")
        place, region = self._place(cells, faults)
        marks = self._codes_of(cells, faults)
        self._same_id(cells, (source, place, text.strip()), where, faults)
        passage = {"id": number, "source": source, "region": region}
        about = {"text": text if text.strip() else "", "case": case, "what": "row", "where": where}
        self.tables["passages"].append(passage | about | _fault(faults))
        self._codings(number, cells, marks, where)
        self._note(number, cells, marks, where)
        self._facts(source, case, cells, where)

    def _once(self, table: str, name: str, where: str, **more: str) -> str:
        """The id of what has this name; its row is made where it is met first."""
        if (table, name) not in self.kept:
            self.kept[table, name] = {"id": name, "name": name, "where": where, **more}
            self.tables[table].append(self.kept[table, name])
        return name

    def _source(self, cells: dict[str, str], where: str, faults: list[str]) -> str:
        """The document, or who speaks if no column is one, or the file itself."""
        role = next((role for role in ("document", "participant") if role in self.mapping.columns), None)
        name = self.cell(cells, role) if role else self.title
        if not name:
            column = self.mapping.columns[role]
            faults.append(f'column "{column}": "" is blank; expected the name of the {role} in every row')
            name = "(no name)"
        if name in self.twice:
            name = f"{name} ({self.cell(cells, 'group')})"
        return self._once("sources", name, where, medium="text")

    def _place(self, cells: dict[str, str], faults: list[str]) -> tuple[str, str]:
        """Where the passage is, if start and end count characters, and the region that says all of the place.

        The text is not in the sheet, so that nothing can be placed in it.
        """
        said = {role: self.cell(cells, role) for role in ("start", "end", "region", "id")}
        region = [f"id {said['id']}"] if said["id"] else []
        region += [said["region"]] if said["region"] else []
        if not (said["start"] or said["end"]):
            return "", ", ".join(region)
        if self.mapping.positions == "paragraphs":
            whole = said["start"].isdigit() and (said["end"] or "0").isdigit()
            ends = "-".join(dict.fromkeys(one for one in (said["start"], said["end"]) if one))
            return "", ", ".join([*region, f"paragraphs {ends}" if whole else ends])
        wrong = [
            f'column "{self.mapping.columns[role]}": "{said[role]}" is not a place; expected a whole number'
            for role in ("start", "end")
            if role in self.mapping.columns and not re.fullmatch(r"[0-9]{1,15}", said[role])
        ]
        faults += wrong
        if wrong or not (said["start"] and said["end"]):
            return "", ", ".join(region)
        start, end = int(said["start"]), int(said["end"])
        if end < start:
            faults.append(f'column "{self.mapping.columns["end"]}": "{end}" is before the start, {start}')
        place = f"characters {start}-{end}"
        return place, ", ".join([*region, place])

    def _same_id(self, cells: dict[str, str], says: tuple, where: str, faults: list[str]) -> None:
        """Rows with one id are about one passage; if they are not, the column is no id of passages."""
        if number := self.cell(cells, "id"):
            first, there = self.passages_of.setdefault(number, (says, where))
            if first != says:
                wrong = f'"{number}" is another passage in {there}; expected a number of its own'
                faults.append(f'column "{self.mapping.columns["id"]}": {wrong}')

    def _codes_of(self, cells: dict[str, str], faults: list[str]) -> list[tuple[str, str]]:
        """The codes that the row names, each with its weight."""
        marks = []
        for column in self.mapping.codes:
            cell = cells[column]
            parts = cell.split(self.mapping.separator) if self.mapping.separator else [cell]
            marks += [(_plain(part), self.cell(cells, "weight")) for part in parts if part.strip()]
        weights = {code: _plain(cells[column]) for column, code in self.mapping.weights.items()}
        for column, code in self.mapping.wide.items():
            mark = cells[column].strip().casefold()
            if mark in YES:
                marks.append((code, weights.get(code, "")))
            elif mark not in NO:
                faults.append(
                    f'column "{column}": "{cells[column]}" is neither 1 nor 0 (True and False, x and blank)'
                )
        return marks

    def _codings(self, passage: str, cells: dict[str, str], marks: list, where: str) -> None:
        coder = self.cell(cells, "coder")
        if coder and marks:
            self._once("coders", coder, where)
        when = self.iso.get(self.cell(cells, "date"))
        seen = set()
        for count, (name, weight) in enumerate(marks, start=1):
            code = self.code(name, where)
            row = {
                "id": f"{passage}, code {count}",
                "passage": passage,
                "code": code,
                "coder": coder,
                "date": when,
            }
            row |= {"weight": weight.replace(",", "."), "what": "code mark", "where": where}
            if weight and not re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", weight):
                row |= _fault([f'the weight of "{name}": "{weight}" is not a number'])
            elif code in seen:
                row["why"] = f'the row names "{name}" twice; it is counted once'
            seen.add(code)
            self.tables["codings"].append(row)

    def code(self, name: str, where: str) -> str:
        """The id of a code; it and those above it are made where they are met first."""
        parts = name.split(self.mapping.path) if self.mapping.path else [name]
        levels = [part.strip() for part in parts if part.strip()] or [name]
        above = None
        for depth, level in enumerate(levels, start=1):
            code = LEVELS.join(levels[:depth])
            if code not in self.codes:
                self.codes[code] = {"id": code, "parent": above, "name": level, "where": where}
                self.tables["codes"].append(self.codes[code])
            above = code
        return above

    def _note(self, number: str, cells: dict[str, str], marks: list, where: str) -> None:
        """A comment: on the coding, if the sheet has a row for each, and else on the passage."""
        if not (comment := cells.get(self.mapping.columns.get("comment", ""), "").strip()):
            return
        alone = len(self.mapping.codes) == 1 and not (self.mapping.separator or self.mapping.wide)
        of, owner = ("codings", f"{number}, code 1") if alone and marks else ("passages", number)
        note = {"id": f"comment {number}", "of": of, "owner": owner, "text": comment, "where": where}
        when = self.iso.get(self.cell(cells, "date"))
        self.tables["notes"].append(note | {"author": self.cell(cells, "coder"), "date": when})

    def _facts(self, source: str, case: str, cells: dict[str, str], where: str) -> None:
        """What the row says of its source and of who speaks; each is written once."""
        for group in cells.get(self.mapping.columns.get("group", ""), "").splitlines():
            if group.strip():
                self.groups[source].setdefault(_plain(group), where)
        for of, owner, key in (("sources", source, "document"), ("cases", case, "participant")):
            for column in self.mapping.attributes.get(key, ()) if owner else ():
                self._fact(of, owner, column, cells[column].strip(), where)

    def _fact(self, of: str, owner: str, variable: str, value: str, where: str) -> None:
        if not value:
            return
        row = {"of": of, "owner": owner, "variable": variable, "value": value, "where": where}
        first = self.facts.setdefault((of, owner, variable), row)
        if first is row:
            self.tables["values"].append(row)
        elif first["value"] != value:
            says = (
                f'"{owner}" has "{value}" here and "{first["value"]}" in {first["where"]}; expected one value'
            )
            self.tables["values"].append(row | _fault([f'column "{variable}": {says}']))

    def said(self) -> None:
        """What only all rows together say: groups, and whom a source is about."""
        several = set()
        for groups in self.groups.values():
            keys = [attribute(group)[0] for group in groups]
            several |= {key for key in keys if keys.count(key) > 1}
        seen: set[str] = set()
        for source, groups in self.groups.items():
            for group, where in groups.items():
                variable, value = attribute(group)
                if variable in several:  # a focus group of women and men is in both groups
                    variable, value = group, "yes"
                row = {"of": "sources", "owner": source, "variable": variable, "value": value}
                self.tables["values"].append(row | {"where": where})
                kept = {"id": f"group {variable}", "name": variable, "type": GROUP, "where": where}
                self.tables["variables"] += [] if variable in seen else [kept]
                seen.add(variable)
        for source, speakers in self.speakers.items():
            if len(speakers) == 1 and (case := next(iter(speakers))):
                where = self.kept["cases", case]["where"]
                self.tables["members"].append({"case": case, "source": source, "where": where})

    def findings(self) -> list[str]:
        """What to know of the sheet before it is used, as sentences."""
        columns = self.mapping.columns
        if self.mapping.codebook:
            return ["The sheet lists codes and no passages."]
        unsure = sum(one is None for one in self.iso.values())
        cut = sum(len(row["text"]) >= LONGEST_CELL for row in self.tables["passages"])
        said = {
            "Start and end count paragraphs: they tell passages apart and do not place them in a text.": (
                self.mapping.positions == "paragraphs" and "start" in columns
            ),
            "No column has the words of passages: each row is an excerpt without a text.": "text"
            not in columns,
            "No column says who speaks.": "participant" not in columns,
            "No column names documents: each participant is taken for one.": (
                "participant" in columns and "document" not in columns
            ),
            "No column says who coded.": "coder" not in columns,
            "Taguette leaves out highlights without a tag.": self.mapping.tool == "Taguette",
            f"{unsure} values of the column of dates are no sure dates and are left blank.": unsure,
            f"{cut} passages fill their cell to the last character and may have been cut.": (
                cut and self.sheet.lines is None
            ),
        }
        return [sentence for sentence, holds in said.items() if holds]


def _plain(cell: str) -> str:
    return " ".join(cell.split())


def _fault(faults: list[str]) -> dict[str, object]:
    return {"why": "; ".join(faults), "broken": True} if faults else {}
