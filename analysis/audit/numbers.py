"""The numbers on pages, held against the results: each is backed by an address, or is a name and says why.

`docs/numbers.csv` has a row for every number in the README and in the notebooks' prose, in digits or in
words: `page`; `words`, the shortest stretch with the number that says which it is; `number`, as written; its
address below the checkout, as `analysis/audit/addresses.py` reads it. What is no result, a version say, has
the rule `name` and a reason in `why`. Code and the targets of links are no prose, and the paper's tables,
boxes and year are called by their numbers: these need no row. Nor does "one", which is hardly ever a number,
nor "first" and the like.
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

from analysis.audit import addresses
from analysis.study.problems import nearest

LIST = "docs/numbers.csv"
COLUMNS = ["page", "words", "number", *addresses.COLUMNS, "why"]
PAGES = ("README.md", "notebooks/*.ipynb")
NAME = "name"
"""The rule of a number that is no result."""
SMALL = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
VALUES = {word: str(number) for number, word in enumerate(SMALL.split(), start=2)} | {"zero": "0"}
VALUES |= {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80"}
VALUES |= {"ninety": "90", "hundred": "100", "thousand": "1000", "million": "1000000"}
VALUES |= {"billion": "1000000000", "dozen": "12", "half": "0.5", "quarter": "0.25"}
NUMBER = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)*|\b(?:{'|'.join(VALUES)})\b", re.IGNORECASE)
NAMES = re.compile(
    r"\bTables? A?\d(?:(?:, | and |–| to )A?\d)*\b|\bBox(?:es)? \d(?: and \d)?\b"
    r"|\bBussu and Marshall \(2020\)|\bSHA-256\b|\bx86-64\b"
)
NO_PROSE = re.compile(r"^```.*?^```|`[^`]*`|(?<=\])\([^)]*\)", re.DOTALL | re.MULTILINE)
AROUND = 30
"""Characters that are shown on either side of a number without a row."""
Row = dict[str, str]


def check(root: Path) -> list[str]:
    """What is wrong with the numbers on the pages below `root`, a sentence each; nothing, if all are backed.

    A number without a row is unbacked, a row whose words are gone is orphaned, and a number is changed if the
    page says another than now stands at its address.
    """
    rows, pages = listed(root), texts(root)
    found = [problem for row in rows for problem in _row_problems(row, pages, root)]
    backed = {(row["page"], start) for row in rows for start in _starts(row, pages.get(row["page"], ""))}
    for page, text in pages.items():
        for match in numbers(text):
            if (page, match.start()) not in backed:
                around = text[max(match.start() - AROUND, 0) : match.end() + AROUND].strip()
                found.append(f'{page}: "{match[0]}" in "… {around} …" is backed by no row of {LIST}')
    return found


def listed(root: Path) -> list[Row]:
    """The rows of docs/numbers.csv, with the `line` of each as a spreadsheet shows it."""
    if not (root / LIST).is_file():
        return []
    with (root / LIST).open(encoding="utf-8", newline="") as file:
        return [dict(row, line=str(line)) for line, row in enumerate(csv.DictReader(file), start=2)]


def texts(root: Path) -> dict[str, str]:
    """The prose of every page whose numbers are listed, by the page's path: without code, on one line."""
    paths = [path for pattern in PAGES for path in sorted(root.glob(pattern))]
    return {path.relative_to(root).as_posix(): prose(_written(path)) for path in paths}


def prose(text: str) -> str:
    """A page's words on one line, without code and the targets of links.

    >>> prose("See [the two](docs/2.md) and `RUNS=03` for five.")
    'See [the two] and for five.'
    """
    return " ".join(NO_PROSE.sub(" ", text).split())


def numbers(text: str) -> list[re.Match[str]]:
    """Every number in prose, in digits or in words, but for those in names.

    >>> [match[0] for match in numbers("Table 1 has five of the 1,000 rows, and one more")]
    ['five', '1,000']
    """
    return [*NUMBER.finditer(NAMES.sub(lambda name: re.sub(r"\d", "_", name[0]), text))]


def figures(number: str) -> str:
    """A number in digits.

    >>> figures("1,000"), figures("Five")
    ('1000', '5')
    """
    return VALUES.get(number.casefold(), number.replace(",", ""))


def _written(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def _row_problems(row: Row, pages: dict[str, str], root: Path) -> Iterator[str]:
    """What is wrong with one row, and what its page says otherwise than the results."""
    at, page = f"{LIST}, line {row['line']}", row["page"]
    if page not in pages:
        yield f'{at}: "{page}" is no page whose numbers are listed. Did you mean "{nearest(page, pages)}"?'
        return
    within = [match[0] for match in numbers(row["words"])]
    if within != [row["number"]]:
        yield f'{at}: the words "{row["words"]}" hold the numbers {within}; expected "{row["number"]}" alone'
        return
    if row["rule"] == NAME and not row["why"]:
        yield f'{at}: "{row["words"]}" is a name, and the row does not say why'
    if row["rule"] != NAME and addresses.of(row) is None:
        yield f'{at}: "{row["words"]}" has neither an address nor the rule "{NAME}"'
    text, starts = pages[page], _starts(row, pages[page])
    if len(starts) != 1:
        stands = f"stands {len(starts)} times" if starts else "is no longer there"
        yield f'{page}: "{row["words"]}", {at}, {stands}'
        return
    said = next(match[0] for match in numbers(text) if match.start() == starts[0])
    yield from _changed(row, said, root)


def _changed(row: Row, said: str, root: Path) -> Iterator[str]:
    """The page's number, if it is not the one that stands at its address, or not the name it was."""
    where = f'{row["page"]}: "{row["words"]}", {LIST}, line {row["line"]}'
    address = addresses.of(row)
    if row["rule"] == NAME or address is None:
        due, by = row["number"], f"the row has {row['number']}"
    else:
        try:
            due = addresses.value(root, address)
        except addresses.AddressError as error:
            yield f"{where}: {error}"
            return
        by = f"{address} gives {due}"
    if figures(said) != figures(due):
        yield f'{where}: the page says "{said}", and {by}'
    elif said != row["number"]:
        yield f'{where}: the page says "{said}", and the row has "{row["number"]}"'


def _starts(row: Row, text: str) -> list[int]:
    """Where the row's number stands in the text, whatever number it is there: its words are around it."""
    within = numbers(row["words"])
    if len(within) != 1:
        return []
    before, after = row["words"][: within[0].start()], row["words"][within[0].end() :]
    return [
        match.start()
        for match in numbers(text)
        if text.endswith(before, 0, match.start()) and text.startswith(after, match.end())
    ]
