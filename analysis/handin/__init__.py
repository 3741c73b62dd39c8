"""What is handed in and taken back: results as Word, Excel and LaTeX, the COREQ checklist, the methods.

`make handin` writes it. Nothing is computed anew but the counts of the checklist and of the paragraph. Of a
restricted study it holds what `make release` gives out and no more. `sheets` is apart from that: it takes the
findings back to the people they are about, for `make sensecheck`.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.audit import release
from analysis.handin import coreq, document, methods, readme, typesetting, workbook
from analysis.handin.material import Material, gathered
from analysis.handin.refusal import HandinError
from analysis.runs.steps import Tell, silent
from analysis.study import Study

__all__ = ["HandinError", "Material", "checklist", "doubtful", "gathered", "made"]


def checklist(material: Material) -> pd.DataFrame:
    """The items of COREQ with what data answer of them."""
    return coreq.rows(material)


def made(material: Material, tell: Tell = silent) -> dict[str, bytes]:
    """The files of a hand-in by their place in it; the same bytes for the same results."""
    tell("Writing Word")
    files = {"tables-and-figures.docx": document.written(material)}
    tell("Writing Excel")
    files["tables.xlsx"] = workbook.written(material)
    tell("Writing LaTeX")
    files |= {f"latex/{name}": data for name, data in typesetting.files(material).items()}
    tell("Answering the checklist")
    found = checklist(material)
    return files | {
        "coreq.docx": coreq.written(material, found),
        "coreq.csv": coreq.csv(found),
        "methods.docx": methods.written(material),
        "methods.md": methods.markdown(material),
        "README.md": readme.page(material, found),
    }


def doubtful(study: Study, files: Mapping[str, bytes], tell: Tell = silent) -> pd.DataFrame:
    """What in the files of a restricted study's hand-in may tell of somebody, to be looked at.

    HandinError, if words or ids are in it that the study has not cleared.
    """
    return release.searched(study, files, HandinError, tell)
