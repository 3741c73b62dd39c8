"""All pages of a study whose record is public."""

from pathlib import Path

from analysis.audit.report import (
    checks,
    dictionary,
    excerpts,
    front,
    items,
    ledger,
    notebooks,
    people,
    rows,
    tables,
)
from analysis.audit.report.evidence import gathered
from analysis.study import Study

KINDS = (front, items, ledger, notebooks, tables, excerpts, people, rows, dictionary, checks)


def sources(study: Study, root: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The pages by file name, and the files beside them; ReportError where there are no results."""
    found = gathered(study, root)
    made = {name: data for kind in KINDS for name, data in kind.sources(found).items()}
    return made, notebooks.pictures(found)
