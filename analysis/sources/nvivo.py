"""What NVivo exports besides projects: a matrix of counts, and the references of a code as a text."""

import io
import re
from collections import defaultdict
from pathlib import Path

import docx

from analysis.sources import grid
from analysis.sources.archive import Archive
from analysis.sources.grid import Sheet
from analysis.sources.project import Project, SourceError, frames

ROW, COLUMN = re.compile(r"\d+ : (.+)"), re.compile(r"[A-Z]{1,3} : (.+)")
MOST = 1_000_000
"""References of a matrix. Nobody has coded more."""
HEAD = re.compile(r"<?(?P<path>[^<>]+?)>?\s+-\s+§\s*(?P<count>[0-9]{1,6})\s+.*\[\s*[\d.,]+\s*%[^\]]*\]")
"""`<Files\\P1> - § 2 references coded [12.34% Coverage]`, in any language."""
REFERENCE = re.compile(
    r"(?P<word>\w+) (?P<first>[0-9]{1,6})(?:\s?[-–]\s?(?P<last>[0-9]{1,6}))? [-–] [\d.,]+\s*% \w+"
)
"""`Reference 1 - 5.67% Coverage`; `References 1-2` where two people have coded the same words."""
NAMED = re.compile(r"Name: *(.+)")
ROOTS = {"nodes", "codes"}


def is_mine(found: Sheet | str) -> bool:
    """Whether a sheet is a matrix of NVivo's, or a text the references of a code."""
    if isinstance(found, str):
        return any(HEAD.fullmatch(line.strip()) for line in found.splitlines())
    filled = [[cell.strip() for cell in row] for row in found.rows if any(row)]
    if len(filled) < 2:  # noqa: PLR2004 - a header and a row
        return False
    header, *body = filled
    sides = [row[0] for row in body if not _sums(row[0])]
    tops = [cell for cell in header[1:] if cell and not _sums(cell)]
    return bool(sides and tops) and all(map(ROW.fullmatch, sides)) and all(map(COLUMN.fullmatch, tops))


def _sums(title: str) -> bool:
    return title.casefold().startswith("total")


def read(path: Path) -> Project:
    """The project in a matrix, in a text with references, or in a folder of such texts.

    Each reference is an item, and a coding. SourceError, if the file is none of these.
    """
    if path.is_dir():
        return _texts(path, sorted(one for one in path.iterdir() if one.is_file()))
    if path.suffix.lower() in (".txt", ".docx"):
        return _texts(path, [path])
    return of_sheets(path, grid.filled(path))


def of_sheets(path: Path, sheets: list[Sheet]) -> Project:
    """The project in a matrix among the sheets of a file. SourceError, if there is none."""
    mine = next((sheet for sheet in sheets if is_mine(sheet)), None)
    if mine is None:
        says = 'no table has rows called "1 : code" and columns called "A : case"'
        raise SourceError(path.name, [f"{says}, as a matrix of NVivo's has"])
    return _matrix(path, mine, [sheet for sheet in sheets if sheet is not mine])


def _matrix(path: Path, sheet: Sheet, besides: list[Sheet]) -> Project:
    _refuse(path, sheet)
    top = next(index for index, row in enumerate(sheet.rows) if any(row))
    header = [cell.strip() for cell in sheet.rows[top]]
    tables: dict[str, list[dict]] = defaultdict(list)
    for title in header[1:]:
        if title and not _sums(title):
            name, where = COLUMN.fullmatch(title)[1], sheet.where(top)
            tables["cases"].append({"id": title, "name": name, "where": where})
            tables["sources"].append({"id": title, "name": name, "medium": "text", "where": where})
            tables["members"].append({"case": title, "source": title, "where": where})
    for index in range(top + 1, len(sheet.rows)):
        row, where = sheet.rows[index], sheet.where(index)
        side = row[0].strip() if row else ""
        if ROW.fullmatch(side):
            tables["codes"].append({"id": side, "name": ROW.fullmatch(side)[1], "where": where})
            _row(tables, side, dict(zip(header[1:], row[1:], strict=False)), where)
    left = [
        (row[0], "row", sheet.where(index))
        for index, row in enumerate(sheet.rows)
        if row and _sums(row[0].strip())
    ]
    left += [(title, "column", sheet.where(top)) for title in header if _sums(title)]
    left = [(*one, "a sum of other cells") for one in left]
    left += [(one.name, "sheet", f'sheet "{one.name}"', "another sheet is read") for one in besides]
    for number, (name, what, where, why) in enumerate(left, start=1):
        tables["others"].append({"id": str(number), "name": name, "what": what, "where": where, "why": why})
    totals = {"reference": sum(map(int, _cells(header, sheet.rows[top + 1 :])))}
    totals |= {what: sum(one[1] == what for one in left) for what in ("row", "column", "sheet")}
    return Project("NVivo", "matrix of coding references", path.stem, frames(tables), totals, None, FINDINGS)


FINDINGS = [
    "A matrix says how many passages have a code, not which: one with two codes is counted as two.",
    "Each column is taken for a participant; columns that are groups or files are none.",
    "The cells are taken for numbers of references: a matrix of words coded looks alike and is none.",
    "The matrix has no words, no documents and no coders.",
]


def _row(tables: dict[str, list[dict]], code: str, cells: dict[str, str], where: str) -> None:
    """The references of a code, one passage each."""
    for case, cell in cells.items():
        for count in range(int(cell) if COLUMN.fullmatch(case) else 0):
            number = f"{code}, {case}, {count + 1}"
            place = {"source": case, "region": number, "case": case, "where": where}
            tables["passages"].append({"id": number, **place})
            row = {"id": number, "passage": number, "code": code, "what": "reference", "where": where}
            tables["codings"].append(row)


def _refuse(path: Path, sheet: Sheet) -> None:
    """SourceError with every cell that is no count, and with names that stand there twice."""
    (_, header), *body = [(index, row) for index, row in enumerate(sheet.rows) if any(row)]
    titles = [cell.strip() for cell in header]
    problems = [one for index, row in body for one in _no_counts(sheet, titles, index, row)]
    for several in ([*filter(None, titles)], [row[0].strip() for _, row in body]):
        twice = dict.fromkeys(one for one in several if several.count(one) > 1)
        problems += [f'"{one}" stands there more than once' for one in twice]
    total = 0 if problems else sum(map(int, _cells(titles, [row for _, row in body])))
    if total > MOST:
        problems.append(f"it counts {total:,} references; at most {MOST:,} are read")
    if problems:
        raise SourceError(path.name, problems)


def _no_counts(sheet: Sheet, titles: list[str], index: int, row: list[str]) -> list[str]:
    if _sums(row[0].strip()):
        return []
    if len(row) != len(titles):
        return [f"{sheet.where(index)}: {len(row)} cells where the header has {len(titles)}"]
    says = 'is not a number of references; export the matrix with "coding references" shown'
    return [
        f'{sheet.where(index)}, column "{title}": "{cell}" {says}'
        for title, cell in zip(titles, row, strict=True)
        if COLUMN.fullmatch(title) and not re.fullmatch(r"[0-9]{1,7}", cell)
    ]


def _cells(titles: list[str], rows: list[list[str]]) -> list[str]:
    """The counts of a matrix, without its sums."""
    inner = [place for place, title in enumerate(titles) if COLUMN.fullmatch(title)]
    sides = [row for row in rows if row and ROW.fullmatch(row[0].strip())]
    return [row[place] for place in inner for row in sides]


def _texts(path: Path, files: list[Path]) -> Project:
    """The references of one code or, from a folder, of several."""
    read, problems = _References(), []
    for file in files:
        if file.suffix.lower() not in (".txt", ".docx"):
            read.others.append((file.name, "a file that is neither .txt nor .docx"))
            continue
        try:
            read.file(file, _lines(file))
        except SourceError as error:
            problems += (
                error.problems if len(files) == 1 else [f"{file.name}: {one}" for one in error.problems]
            )
    if not (read.announced or problems):
        problems = ["it holds no references of a code, as NVivo exports them to .txt or .docx"]
    if problems:
        raise SourceError(path.name, problems)
    return read.project(path.stem)


def _lines(path: Path) -> list[str]:
    """The lines of a text, or the paragraphs of a Word file."""
    if path.suffix.lower() == ".txt":
        return re.split(r"\r\n|\r|\n", grid.text(path))
    try:
        with Archive(path) as archive:  # what it unpacks to is looked at before anything unpacks it
            for name in archive.names():
                archive.read(name)
        return [one.text for one in docx.Document(io.BytesIO(path.read_bytes())).paragraphs]
    except SourceError:
        raise
    except Exception as error:  # a damaged file may fail anywhere in the reader of Word files
        raise SourceError(path.name, ["the Word file is damaged or cut short, or is none"]) from error


class _References:
    """The tables of a project while files are read, one a code."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict]] = defaultdict(list)
        self.sources: set[str] = set()
        self.codes: set[str] = set()
        self.others: list[tuple[str, str]] = []
        self.announced = 0
        self.shared = False

    def file(self, path: Path, lines: list[str]) -> None:
        """The references of one code. SourceError, if the file has none."""
        heads = [place for place, line in enumerate(lines) if HEAD.fullmatch(line.strip())]
        if not heads:
            says = 'no line is like "<Files\\\\P1> - § 2 references coded [1.23% Coverage]"'
            raise SourceError(path.name, [f"{says}; export a code's references from NVivo as .txt or .docx"])
        names = (NAMED.fullmatch(line.strip()) for line in lines[: heads[0]])
        code = self.code(next((one[1] for one in names if one), path.stem), f"{path.name}, line 1")
        for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
            self.block(path.name, code, start, lines[start:end])

    def code(self, name: str, where: str) -> str:
        r"""The id of a code; NVivo writes those above it before it, as `Nodes\\Time`."""
        levels = [part.strip() for part in re.split(r"\\+", name) if part.strip()]
        levels = levels[1:] if len(levels) > 1 and levels[0].casefold() in ROOTS else levels or [name]
        above = None
        for depth, level in enumerate(levels, start=1):
            code = " > ".join(levels[:depth])
            if code not in self.codes:
                self.codes.add(code)
                self.tables["codes"].append({"id": code, "parent": above, "name": level, "where": where})
            above = code
        return above

    def block(self, file: str, code: str, start: int, lines: list[str]) -> None:
        """The references to one document: a head, then each reference and its words."""
        head = HEAD.fullmatch(lines[0].strip())
        source = self.source(head["path"], f"{file}, line {start + 1}")
        self.announced += int(head["count"])
        word, expected, begins = None, 1, []
        for place, line in enumerate(lines[1:], start=1):
            found = REFERENCE.fullmatch(line.strip())
            if found and int(found["first"]) == expected and (word or found["word"])[:5] == found["word"][:5]:
                word, expected = found["word"], int(found["last"] or found["first"]) + 1
                begins.append((place, int(found["first"]), expected - 1))
        said: dict[str, int] = defaultdict(int)
        ends = [*(place for place, _, _ in begins[1:]), len(lines)]
        for (place, first, last), end in zip(begins, ends, strict=False):
            text = "\n".join(lines[place + 1 : end]).strip()
            said[text] += 1
            again = f"the same words, {said[text]}" if said[text] > 1 else ""
            self.reference(code, source, (text, again), (first, last), f"{file}, line {start + place + 1}")

    def source(self, path: str, where: str) -> str:
        """The id of a document, which is its whole path in the project; its folder is said of it."""
        levels = [part for part in re.split(r"\\+", path.strip()) if part] or ["(no name)"]
        number = "\\".join(levels)
        if number not in self.sources:
            self.sources.add(number)
            row = {"id": number, "name": levels[-1], "medium": "text", "where": where}
            self.tables["sources"].append(row)
            if folder := "\\".join(levels[1:-1]):
                said = {
                    "of": "sources",
                    "owner": number,
                    "variable": "folder",
                    "value": folder,
                    "where": where,
                }
                self.tables["values"].append(said)
        return number

    def reference(
        self, code: str, source: str, said: tuple[str, str], count: tuple[int, int], where: str
    ) -> None:
        """A passage and its coding, or one for each of those who coded the same words."""
        self.tables["passages"].append(
            {"id": where, "source": source, "text": said[0], "region": said[1], "where": where}
        )
        for number in range(count[0], count[1] + 1):
            row = {"id": f"{where}, reference {number}", "passage": where, "code": code, "where": where}
            if number > count[0]:
                self.shared = True
                row["why"] = "somebody else put the same code on the same words; the export does not say who"
            self.tables["codings"].append(row | {"what": "reference"})

    def project(self, title: str) -> Project:
        """What the files say."""
        for number, (name, why) in enumerate(self.others, start=1):
            self.tables["others"].append(
                {"id": str(number), "name": name, "what": "file", "where": name, "why": why}
            )
        findings = [
            "The references of a code say neither who speaks nor who coded, and not where in the text."
        ]
        if self.shared:
            findings.append("Where two people coded the same words, one coding is kept.")
        totals = {"reference": self.announced, "file": len(self.others)}
        return Project("NVivo", "references of codes", title, frames(self.tables), totals, None, findings)
