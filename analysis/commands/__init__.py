"""What the commands do: a module for each kind of work, and where they write for a look.

All of them write below `scratch/`, which git ignores, but those that write a study or its results.
"""

from pathlib import Path

from analysis import ROOT, study
from analysis.outputs.paper import plan_names
from analysis.runs import plan as plans
from analysis.runs.plan import Run
from analysis.runs.specification import PlanError

TRIALS = "scratch/trials"
"""Where results of a part, or with other parameters, go: the kept ones, and those made by hand, stay."""
VERIFIED = "scratch/verify"
"""Where the last verdict on a study's results is kept, for the report."""
AUDITED = "scratch/audit"
"""And what the last audit by planted faults came to."""
CRATES = "scratch/crate"
"""Where evidence packages go."""
EXPORTS = "scratch/export"
"""Where a study's codes and quotations go that other tools are to read."""
RELEASES = "scratch/release"
"""Where what may leave of a restricted study goes, and a note of what each release is made from."""


def planned(
    name: str, given: list[list[str]], wanted: list[str] | None = None
) -> tuple[study.Study, list[Run]]:
    """A study and its runs, held to their notebooks: all, or those that are wanted and what they need."""
    if twice := plans.twice(key for key, _ in given):
        raise PlanError(f"{', '.join(twice)} is given more than one value; expected one")
    loaded = study.load(name)
    runs = plans.plan(name, plan_names(loaded), dict(given))
    plans.check(runs, ROOT / "notebooks")
    chosen = plans.selected(runs, wanted) if wanted else runs
    if unused := [key for key, _ in given if not any(key in run.parameters for run in chosen)]:
        raise PlanError(f"{', '.join(unused)} is taken by none of the runs chosen with --runs")
    return loaded, chosen


def shown(path: Path) -> str:
    """A path as a user types it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
