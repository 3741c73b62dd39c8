"""What runs the notebooks, and what says how."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd

from analysis import ROOT, study
from analysis.audit import claims as ledger
from analysis.commands import TRIALS, shown
from analysis.explore import views
from analysis.outputs import reading
from analysis.outputs.paper import plan_names
from analysis.runs import plan as plans
from analysis.runs import progress, record, sequence, staging
from analysis.runs.plan import Run
from analysis.runs.specification import PlanError, legal, limits, settable


def reproduce(given: argparse.Namespace) -> int:
    """Run the plan; a part of it, or parameters of the user's own, only for a look: as a trial."""
    with given.steps("Reading and checking the tables"):
        loaded, runs = planned(given.study, given.parameter, given.runs, given.view)
    if empty := [
        name for name in ("roster", "codebook", "excerpts", "codings") if getattr(loaded, name).empty
    ]:
        says = "it has no rows; an analysis needs people, codes, excerpts and codings"
        problems = [study.Problem(f"{name}.csv", None, None, says) for name in empty]
        raise study.StudyError(f"data/raw/{loaded.name}", problems)
    target = _target(given)
    if not given.json:
        several = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        print(f"{loaded.title}\n{several} from data/raw/{loaded.name}/", flush=True)
    tell = progress.view(verbose=given.verbose, as_json=given.json)
    way = sequence.Way(given.jobs, reuse=given.reuse, cold=given.cold, nursery=given.nursery)
    written = sequence.reproduce(loaded.name, runs, ROOT, target, tell, way)
    if given.json:
        tell({"event": "finished", "below": str(target), "written": written})
    else:
        _summary(loaded, target, written)
    return 0


def _target(given: argparse.Namespace) -> Path:
    """Where results go: in the place of the kept ones only if they are of everything, and as planned.

    A view has a folder of its own, so that one does not take another's place.
    """
    if given.view:
        return ROOT / TRIALS / f"view-{views.stem(given.view)}"
    return ROOT / TRIALS if given.parameter or given.runs else ROOT


def _summary(loaded: study.Study, target: Path, written: list[str]) -> None:
    figures, derived = (target / folder for folder in staging.folders(loaded.name))
    print(f"Written: {len(written)} files and run.json, below {shown(derived)}/ and {shown(figures)}/")
    states = [run["state"] for run in record.entries(derived)]
    if reused := states.count("reused"):
        print(f"{reused} of {len(states)} runs reused, as run.json says: nothing they depend on has changed")
    if loaded.policy == "restricted":
        print(f"They are for the study's analysts. What may leave writes: make release STUDY={loaded.name}")
    if (derived / "claims.csv").exists():
        for sentence in reading.differing(tally(derived), loaded.claims):
            print(f"  differs: {sentence}")


def plan(given: argparse.Namespace) -> int:
    """Print the limits and the parameters, and each run with what it takes, reads and writes."""
    with given.steps("Reading and checking the tables"):
        _, runs = planned(given.study, given.parameter, given.runs, given.view)
    with suppress(BrokenPipeError):  # `... | head` is no error
        print(*_of_plan(given.study, runs), sep="\n", flush=True)
    return 0


def _of_plan(name: str, runs: Sequence[Run]) -> Iterator[str]:
    yield f"A cell may work {limits().cell_seconds:g} s, a run {limits().run_seconds:g} s."
    yield "Parameters:"
    for key, rule in settable().items():
        yield f"  {key}: {legal(rule)}; {rule['default']} unless given. {rule['help']}"
    for run in runs:
        yield f"{run.name}: notebooks/{run.notebook}.ipynb"
        yield "  with " + ", ".join(f"{key}={value!r}" for key, value in run.parameters.items())
        yield f"  reads data/raw/{name}/"
        yield from (f"  reads {path}" for path in run.inputs)
        yield from (f"  writes {path}" for path in run.outputs)


def planned(
    name: str, given: list[list[str]], wanted: list[str] | None = None, view: str | None = None
) -> tuple[study.Study, list[Run]]:
    """A study and its runs, held to their notebooks: all, or those that are wanted and what they need.

    With a `view`, the run that shows it and no other, unless others are wanted too.
    """
    loaded = study.load(name)
    names = plan_names(loaded)
    if view:
        file = views.named(view, loaded.name)
        kept = views.fitting(views.read(file), loaded, file.name)
        names |= {"view": [file.stem], "by": [kept.by]}
        mine = {key for key, _ in given}
        given = [*given, *([key, text] for key, text in kept.parameters.items() if key not in mine)]
        wanted = [*(wanted or []), f"view-{file.stem}"]
    if twice := plans.twice(key for key, _ in given):
        raise PlanError(f"{', '.join(twice)} is given more than one value; expected one")
    runs = plans.plan(name, names, dict(given))
    plans.check(runs, ROOT / "notebooks")
    chosen = plans.selected(runs, wanted) if wanted else runs
    if unused := [key for key, _ in given if not any(key in run.parameters for run in chosen)]:
        raise PlanError(f"{', '.join(unused)} is taken by none of the runs that are chosen")
    return loaded, chosen


def tally(derived: Path) -> pd.DataFrame:
    """The kept ledger, when it has been said how many of its claims have which verdict."""
    claims = pd.read_csv(derived / "claims.csv", dtype=str, keep_default_na=False)
    counts = ", ".join(f"{row.claims} {row.verdict}" for row in ledger.tally(claims).itertuples())
    print(f"Claims of the paper: {counts}" if len(claims) else "The study has no claims.csv.")
    return claims
