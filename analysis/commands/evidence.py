"""What asks whether results can be believed: verify, accept, audit, claims."""

import argparse
import sys
import tempfile
from pathlib import Path

from analysis import PAPER, ROOT, SIMULATED, study
from analysis.audit import claims as ledger
from analysis.audit import faults, inspection, numbers, trials
from analysis.audit import verify as verdicts
from analysis.commands import AUDITED, VERIFIED
from analysis.commands.results import planned, tally
from analysis.outputs.place import Results
from analysis.runs import files, progress, record, sequence, staging
from analysis.runs.sequence import RunError


def verify(given: argparse.Namespace) -> int:
    """Run everything in a temporary place and grade what is kept against it, file by file."""
    with given.steps("Reading and checking the tables"):
        loaded, runs = planned(given.study, [])
    own = staging.folders(loaded.name)[-1] / record.SHARED
    if not (ROOT / own).exists():
        raise RunError(str(own), "there are no kept results to verify; make reproduce writes them")
    tell = progress.view(verbose=given.verbose, as_json=given.json)
    with given.steps("Looking through the kept results"):
        alarms = [*inspection.of_record(loaded.name, runs, ROOT), *inspection.of_notebooks(runs, ROOT)]
    with tempfile.TemporaryDirectory() as place:
        way = sequence.Way(given.jobs, cold=True)  # the evidence must not rest on what makes runs fast
        sequence.reproduce(loaded.name, runs, ROOT, Path(place), tell, way)
        with given.steps as steps:
            found = verdicts.graded(loaded.name, ROOT, Path(place), steps)
    said = verdicts.account(loaded.name, ROOT, found, alarms)
    record.write(files.placed(ROOT / VERIFIED / f"{loaded.name}.json"), said)
    if given.json:
        tell({"event": "finished"} | said)
    else:
        print(*alarms, *verdicts.sentences(found), sep="\n")
    return 0 if not alarms and all(one.good for one in found) else 1


def accept(given: argparse.Namespace) -> int:
    """Run everything, show in what it differs from what is kept, and put it in its place if told so."""
    with given.steps("Reading and checking the tables"):
        loaded, runs = planned(given.study, [])
    tell = progress.view(verbose=False, as_json=False)

    def agree(new: Path) -> bool:
        with given.steps as steps:
            found = verdicts.graded(loaded.name, ROOT, new, steps)
        print(*verdicts.sentences(found), sep="\n")
        return any(one.grade != "identical" for one in found) and (given.yes or _asked())

    way = sequence.Way(given.jobs, agree=agree)
    accepted = sequence.reproduce(loaded.name, runs, ROOT, ROOT, tell, way)
    print("The new results are kept now." if accepted else "The kept results are as they were.")
    return 0


def _asked() -> bool:
    """Whether the user says yes. Raises RunError where nobody is there to be asked."""
    try:
        said = input("Replace the kept results by these? [y/N] ") if sys.stdin.isatty() else None
    except EOFError:  # Ctrl-D
        said = ""
    if said is None:
        raise RunError(
            "accept", "nobody is there to be asked; OPTIONS=--yes replaces results without a question"
        )
    return said.strip().lower() in ("y", "yes")


def audit(given: argparse.Namespace) -> int:
    """Plant faults into throw-away copies, and see whether each is noticed, and by which check."""
    planted = [*faults.KNOWN, *faults.made_up(given.random, given.seed)]
    studies = {faults.PUBLISHED: PAPER, faults.RESTRICTED: SIMULATED}
    outcomes: list[trials.Outcome] = []
    with given.steps as tell, tempfile.TemporaryDirectory() as folder:
        place, benches = Path(folder), {}
        for name, made in trials.BENCHES.items():
            tell.say(f"A sound copy of {studies[name]}, {name}, run twice")
            tell(f"Running everything in a copy that is {name}")
            benches[name] = made(ROOT, studies[name], place / name, given.jobs)
        tell("Looking for false alarms")
        sound = {name: trials.unfounded(bench) for name, bench in benches.items()}
        for number, fault in enumerate(
            tell.each([] if any(sound.values()) else planted, "Planting faults"), 1
        ):
            found = [*trials.tried(benches[fault.study], fault, place / "trial", given.jobs)]
            tell.say(f"{number} of {len(planted)}: {trials.sentence(found)}")
            outcomes += found
        said = trials.account(outcomes, sound, benches[faults.PUBLISHED]) | {"seed": given.seed}
    record.write(files.placed(ROOT / AUDITED / f"{PAPER}.json"), said)
    print(*trials.verdict(outcomes, sound), sep="\n")
    return 0 if outcomes and all(one.alarms for one in outcomes) else 1


def claims(given: argparse.Namespace) -> int:
    """Hold the kept ledger against the kept evidence, and the pages' numbers against the results; 1 if any
    of them differs."""
    with given.steps("Reading and checking the tables") as tell:
        loaded = study.load(given.study)
        tell("Holding claims against cells and tables")
        found = ledger.problems(loaded, ROOT)
        tell("Holding the pages against the results")
        listed = numbers.listed(ROOT) if loaded.name == PAPER else []  # of which the pages speak
        found += numbers.check(ROOT) if listed else []
    derived = Results(loaded.name, ROOT).derived
    if (derived / "claims.csv").exists():
        tally(derived)
    if listed:
        named = sum(row["rule"] == numbers.NAME for row in listed)
        print(f"Numbers on the pages: {len(listed) - named} of results, {named} of names")
    print(*(f"  {problem}" for problem in found), sep="\n", end="\n" if found else "")
    counted = "1 problem" if len(found) == 1 else f"{len(found) or 'No'} problems"
    print(f"{counted} between claims, cells, tables and pages.")
    return 1 if found else 0
