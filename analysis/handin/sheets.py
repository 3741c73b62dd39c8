"""Sheets for a workshop: a page for each theme, on which a team says whether the finding holds.

A sheet has the finding in plain words, a few quotations without names, labels and ids, and room for answers.
`sheets.docx` is for paper, `sheets.html` for a screen or paper; `sheets.csv` has every text of either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.shared import Mm, Pt, RGBColor

from analysis import FailedError
from analysis.audit import release
from analysis.measures import quoting, sensecheck
from analysis.measures.prevalence import rolled_up
from analysis.outputs import formats, word
from analysis.outputs.paper import PaperTable
from analysis.outputs.templates import filled
from analysis.runs.steps import Tell, silent
from analysis.study import Study

HERE = Path(__file__).parent
UNWRITTEN = "The analysts have not written down this finding yet. They have to, before this sheet is used."
ASKED = (
    "Tick what is true for you, and write how many of you say so. Tick more than one where you do not agree: "
    "that is an answer too."
)
NO_NAMES = "Please write no names on this sheet: not your own, and not those of colleagues or patients."
ALL_SHOWN = "These are all quotations of this theme that may be shown."
NONE_SHOWN = "No quotation of this theme may be shown."
HELD = ("Workshop or team", "Date")
HEADS = ("Answer", "How many people", "What makes you say so")
BOXES = [f"☐ {answer.capitalize()}" for answer in sensecheck.ANSWERS]
LONGEST = 200
"""The words of a finding that a page has room for when it has no quotation."""
QUOTED = {
    "public": "The quotations are those that the record prints.",
    "restricted": "The quotations are those that `cleared` in `datapackage.json` names, and no others.",
}


class SheetError(FailedError):
    """Why no sheets can be handed out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.add_note("Nothing was written, and earlier sheets are as they were.")


@dataclass(frozen=True)
class Sheet:
    """What a page says of one theme; `finding` is blank where the analysts have written none, and then what
    the theme is `about` stands there, which nobody can agree with or not.

    `more` counts the quotations that are cleared for the theme and not on the page.
    """

    code: str
    theme: str
    finding: str
    quotations: tuple[str, ...]
    more: int
    about: str = ""

    @property
    def rest(self) -> str:
        """What is said of quotations that are not on the page."""
        if not self.more:
            return ALL_SHOWN if self.quotations else NONE_SHOWN
        more, verb = ("more quotations", "are") if self.more > 1 else ("more quotation", "is")
        if not self.quotations:
            more, verb = ("quotations", "are") if self.more > 1 else ("quotation", "is")
        return f"{self.more} {more} of this theme may be shown and {verb} not on this page."

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Every text of the page in its order, with the part that it is."""
        about = [("about", self.about)] if self.about and not self.finding else []
        quotations = [("quotation", words) for words in self.quotations]
        answers = [("answer", answer) for answer in BOXES]
        found = ("finding", self.finding or UNWRITTEN)
        return [("theme", self.theme), *about, found, *quotations, ("rest", self.rest), *answers]


def sheets(study: Study) -> list[Sheet]:
    """A sheet for each theme of the study, in the order of the codebook."""
    pairs = rolled_up(study.codings, study.codebook)
    ranking = quoting.ranked(study.excerpts, pairs, study.themes, study.quotable)
    picked = sensecheck.on_sheets(ranking, study.excerpts, study.codebook)
    said = sensecheck.findings(study.codebook).fillna("").map(str.strip)
    names = study.codebook.set_index("code")["name"]
    texts = study.excerpts.set_index("excerpt")["text"]
    cleared = ranking[ranking["cleared"]].groupby("code").size()
    made = []
    for code in study.themes:
        shown = picked.loc[picked["code"] == code, "excerpt"]
        more = int(cleared.get(code, 0)) - len(shown)
        found, about = said.loc[code, ["found", "about"]]
        made.append(Sheet(code, names[code], found, tuple(texts[shown]), more, about))
    return made


def pack(study: Study) -> dict[str, bytes]:
    """The files of the pack by name; the same bytes for the same study."""
    pages, title = sheets(study), _title(study)
    return {
        "sheets.docx": written(pages, title),
        "sheets.html": form(pages, title),
        "sheets.csv": formats.csv(texts(pages)),
        "responses.csv": formats.csv(template(pages)),
        "README.md": _rendered("sheets.md", study=study.title, name=study.name, quoted=QUOTED[study.policy]),
    }


def _title(study: Study) -> str:
    invented = study.simulated and not study.title.casefold().startswith("simulated")
    return f"Sense-check: {'Simulated. ' if invented else ''}{study.title}"


def texts(pages: list[Sheet]) -> pd.DataFrame:
    """Every text of the sheets: rows `code, part, text`, in the order in which they stand on paper."""
    rows = [(sheet.code, *part) for sheet in pages for part in sheet.parts]
    return pd.DataFrame(rows, columns=["code", "part", "text"], dtype="str")


def template(pages: list[Sheet]) -> pd.DataFrame:
    """An empty responses.csv: a row for each theme and answer, which nobody has given yet."""
    rows = [(one.code, one.theme, "", answer, 0, "") for one in pages for answer in sensecheck.ANSWERS]
    return pd.DataFrame(rows, columns=["code", "theme", "workshop", "answer", "people", "comment"])


def too_long(pages: list[Sheet]) -> list[str]:
    """The themes whose findings have more words than a page has room for."""
    return [sheet.theme for sheet in pages if len(sheet.finding.split()) > LONGEST]


def doubtful(study: Study, files: Mapping[str, bytes], tell: Tell = silent) -> pd.DataFrame:
    """What in the files of a restricted study may tell of somebody, to be looked at.

    SheetError, if words or ids are in them that the study has not cleared.
    """
    return release.searched(study, files, SheetError, tell)


def form(pages: list[Sheet], title: str) -> bytes:
    """The sheets as a page of HTML with fields to fill in, for a screen and for A4; without script."""
    return _rendered(
        "sheets.html",
        title=title,
        look=(HERE / "static" / "sheets.css").read_text(encoding="utf-8"),
        sheets=pages,
        answers=[answer.capitalize() for answer in sensecheck.ANSWERS],
        asked=ASKED,
        no_names=NO_NAMES,
        held=HELD,
        unwritten=UNWRITTEN,
    )


def _rendered(template: str, **values: object) -> bytes:
    return filled(HERE / "templates", template, values)


def written(pages: list[Sheet], title: str) -> bytes:
    """The sheets as a Word document, a page of A4 a theme; the same bytes for the same sheets."""
    document = word.begun(title)
    _add_looks(document)
    for number, sheet in enumerate(pages):
        _add_page(document, sheet, title, first=number == 0)
    return word.saved(document)


def _add_looks(document: Document) -> None:
    """Letters that are read at arm's length, and black headings for whatever the paper is copied on."""
    document.styles["Normal"].font.size = Pt(11)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    for name, points in (("Heading 1", 18), ("Heading 2", 12)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(points), RGBColor(0, 0, 0)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(8), Pt(3)
    for name, points in (("Study", 9), ("Finding", 13), ("Words", 11), ("Room", 11)):
        word.add_style(document, name, points)
    document.styles["Words"].paragraph_format.left_indent = Mm(6)


def _add_page(document: Document, sheet: Sheet, title: str, *, first: bool) -> None:
    said = document.add_paragraph(title, style="Study")
    said.paragraph_format.page_break_before = not first
    document.add_heading(sheet.theme, 1)
    if sheet.about and not sheet.finding:
        document.add_heading("What this theme is about", 2)
        document.add_paragraph(sheet.about)
    document.add_heading("What we found", 2)
    document.add_paragraph(sheet.finding or UNWRITTEN, style="Finding")
    if not sheet.finding:
        document.add_paragraph("_" * 60, style="Finding")
    document.add_heading("In the words of people who were interviewed", 2)
    for words in sheet.quotations:
        document.add_paragraph(words, style="Words")
    document.add_paragraph(sheet.rest)
    document.add_heading("Is that so where you work?", 2)
    document.add_paragraph(ASKED)
    word.add_table(document, _answers(), style="Room")
    for row in document.tables[-1].rows[1:]:
        row.height, row.height_rule = Mm(18), WD_ROW_HEIGHT_RULE.AT_LEAST
    document.add_paragraph()
    document.add_paragraph("   ".join(f"{what}: {'_' * 26}" for what in HELD))
    document.add_paragraph(NO_NAMES)


def _answers() -> PaperTable:
    """The room for answers: a row for each, with a box, people and reasons."""
    frame = pd.DataFrame({"answer": BOXES, "people": "", "comment": ""}, dtype="str")
    return PaperTable("answers", "", frame, HEADS, widths=(0.22, 0.18, 0.6))
