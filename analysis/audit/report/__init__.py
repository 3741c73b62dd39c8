"""The report: a static site that leads from every number to the cell and the excerpts behind it.

Pages are made from results that are there; nothing is computed anew. A restricted study's site is made
from its release and from nothing else of it.
"""

from pathlib import Path

from analysis.audit.release import searched
from analysis.audit.report import pages, released, site
from analysis.audit.report.evidence import ReportError
from analysis.runs.files import replaced
from analysis.runs.steps import Tell, silent
from analysis.study import Study

REPORTS = "scratch/report"
"""Where reports go, a folder each study."""


def write(study: Study, root: Path, tell: Tell = silent) -> tuple[Path, int]:
    """Write the report of a study's results below `root`: the page to open, and how many pages there are.

    An earlier report is replaced once the new one is complete. Raises ReportError.
    """
    made = files(study, root, tell)
    target = root / REPORTS / study.name
    replaced(target, made)
    return target / "index.html", sum(name.endswith(".html") for name in made)


def files(study: Study, root: Path, tell: Tell = silent) -> dict[str, bytes]:
    """The files of the site, by path. ReportError, if there is nothing to report, or something in it that a
    restricted study has not cleared."""
    public = study.policy == "public"
    tell("Writing pages")
    sources, beside = (pages if public else released).sources(study, root)
    tell(f"Making a site of {len(sources)} pages and notebooks")
    made = site.built(sources, beside, f"Report: {study.name}")
    if not public:
        _refuse_leaks(study, made, tell)
    return made


def _refuse_leaks(study: Study, made: dict[str, bytes], tell: Tell) -> None:
    """Read what was made of the study as a stranger would; the theme's own files know nothing of it."""
    ours = {name: data for name, data in made.items() if not name.startswith(site.STATIC)}
    searched(study, ours, ReportError, tell)
