"""The checklist of COREQ: what data answer is filled in, the rest is left open and can be seen to be."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis.handin import layout
from analysis.handin.answers import IN_PART, OPEN, Answer, answers
from analysis.handin.material import Material
from analysis.outputs import formats, word
from analysis.outputs.paper import PaperTable

ITEMS = Path(__file__).with_suffix(".toml")
SOURCE = (
    "Items by number and name as in Tong, A., Sainsbury, P. and Craig, J. (2007), Consolidated criteria for "
    "reporting qualitative research (COREQ): a 32-item checklist for interviews and focus groups, "
    "International Journal for Quality in Health Care 19(6), 349–357; the questions are worded anew."
)
ASKED = "To be answered by the authors."
SHADED = "FFF2CC"
"""The colour of what is open."""
COLOURED = {OPEN: ("Answer", "Status"), IN_PART: ("Status",)}
"""The cells of an item that are coloured, by its status."""
HEADINGS = ("No", "Item", "Question", "Answer", "Status", "Page")
WIDTHS = (0.04, 0.15, 0.2, 0.45, 0.1, 0.06)


def rows(material: Material) -> pd.DataFrame:
    """`item, domain, name, question, status, answer`, one row an item; nothing is answered but by data."""
    given = answers(material)
    found = [
        (item["number"], item["domain"], item["name"], item["ask"], given.get(item["number"], Answer(OPEN)))
        for item in tomllib.loads(ITEMS.read_text(encoding="utf-8"))["items"]
    ]
    return pd.DataFrame(
        [(*one, answer.status, _text(answer)) for *one, answer in found],
        columns=["item", "domain", "name", "question", "status", "answer"],
    )


def _text(answer: Answer) -> str:
    """What the data say, and what the authors are asked for."""
    if answer.status == OPEN:
        return " ".join(filter(None, [ASKED, answer.says]))
    left = f"{ASKED} {answer.left}" if answer.left else ""
    return " ".join(filter(None, [answer.says, left]))


def csv(found: pd.DataFrame) -> bytes:
    """The checklist as a table; texts that a spreadsheet would run are marked as texts."""
    return formats.csv(formats.neutral(found))


def written(material: Material, found: pd.DataFrame) -> bytes:
    """The checklist as a Word document in which what is open can be seen by its colour."""
    document = layout.begun(f"COREQ checklist: {material.study.title}", landscape=True)
    for text in _about(material, found):
        document.add_paragraph(text)
    for domain, part in found.groupby("domain", sort=False):
        document.add_heading(domain, 1)
        grid = layout.add_grid(document, _table(part), size=8)
        for number, status in enumerate(part["status"], start=1):
            for heading in COLOURED.get(status, ()):
                word.shade(grid, number, HEADINGS.index(heading), SHADED)
    document.add_paragraph(SOURCE, style=layout.NOTE)
    return word.saved(document)


def _table(part: pd.DataFrame) -> PaperTable:
    cells = part[["item", "name", "question", "answer", "status"]].astype(str).assign(page="")
    return PaperTable("coreq", "COREQ", cells, HEADINGS, widths=WIDTHS)


def _about(material: Material, found: pd.DataFrame) -> Iterable[str]:
    yield (
        f"{sentence(found)} Numbers are counted in the study's tables and in the kept results; nothing is "
        "guessed. Write over what is open, which is coloured, and give the paper's page in the last column."
    )
    if material.simulated:
        yield "Simulated: the people of this study are invented."
    if material.restricted:
        yield (
            "The study is restricted: only what its release holds is counted, so more items are open than "
            "its data could answer."
        )


def sentence(found: pd.DataFrame) -> str:
    """How many items are answered by data, in part, and not at all."""
    number = found["status"].value_counts()
    part, left = number.get(IN_PART, 0), number.get(OPEN, 0)
    whole = len(found) - part - left
    return (
        f"Of {len(found)} items of COREQ {whole} are answered from the data, {part} in part; {left} are open."
    )
