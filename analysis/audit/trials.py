"""The audit audited: each fault planted into a copy, and every check asked whether it notices.

A fault is planted twice: plainly, and covered up, that is, with the record made to agree, as somebody
would who wants to deceive. The first has to be noticed by the files alone, the second by whatever check it
takes, up to a second run of everything. A copy without a fault has to raise no alarm.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis import study as studies
from analysis.audit import claims, inspection, numbers, release, verify
from analysis.audit.faults import PUBLISHED, RESTRICTED, Fault, Place
from analysis.measures import MIN_PEOPLE
from analysis.outputs.paper import plan_names
from analysis.outputs.place import Results
from analysis.runs import files, plan, record, sequence, staging
from analysis.study import Study

PARTS = ("analysis", "notebooks", "docs", "README.md", record.LOCK)
"""What of the checkout runs and checks need, beside the study and its results."""
PLAIN, COVERED = "plainly", "covered up"
CHECK, RECORD, NOTEBOOKS, CLAIMS, NUMBERS = (
    "make check",
    "the record",
    "the notebooks",
    "the claims",
    "the pages",
)
LEAKS, RELEASE, RUN, AGAIN = (
    "the scan for leaks",
    "the release made again",
    "the run",
    "the results made again",
)

Alarm = tuple[str, str]
"""The check that has noticed something, and what it says."""


@dataclass(frozen=True)
class Bench:
    """A sound copy of a study with its results, their second run, and its release where it is restricted."""

    whole: Path
    loaded: Study
    runs: Sequence[plan.Run]
    again: Path
    released: Path | None
    older: Path

    def place(self, root: Path) -> Place:
        """The same study in another copy."""
        release_ = root / "scratch" / "release" / self.loaded.name
        return Place(root, self.loaded.name, release_, self.older)


@dataclass(frozen=True)
class Outcome:
    """A fault, what was changed, in which guise, and the alarms that it raised."""

    fault: Fault
    changed: str
    guise: str
    alarms: list[Alarm] = field(default_factory=list)


def copied(code: Path, study: str, to: Path) -> Path:
    """A copy of the checkout with one study and its results."""
    for part in (*PARTS, f"data/raw/{study}", *map(str, staging.folders(study)), f"scratch/release/{study}"):
        if (code / part).is_dir():
            shutil.copytree(code / part, to / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif (code / part).exists():
            shutil.copy(code / part, files.placed(to / part))
    return to


def planned(root: Path, study: str, given: dict[str, str] | None = None) -> tuple[Study, list[plan.Run]]:
    """A study in a copy, and its plan."""
    loaded = studies.load(study, root / "data" / "raw")
    return loaded, plan.plan(study, plan_names(loaded), given)


def run(root: Path, study: str, runs: Sequence[plan.Run], target: Path, jobs: int) -> None:
    """Carry out runs of a copy, quietly. Raises RunError."""
    sequence.reproduce(study, runs, root, target, lambda _: None, sequence.Way(jobs))


def released(loaded: Study, root: Path, to: Path) -> Path:
    """What may leave of a restricted study, written into a folder."""
    made = Results(loaded.name, to)
    release.write(loaded, Results(loaded.name, root), made, MIN_PEOPLE)
    return made.derived


def published(code: Path, study: str, place: Path, jobs: int) -> Bench:
    """A published study and its kept results, with a second run of them and an older one of a part."""
    whole = copied(code, study, place / "whole")
    loaded, runs = planned(whole, study)
    run(whole, study, runs, place / "again", jobs)
    _, others = planned(whole, study, {"min_count": "1"})
    run(whole, study, plan.selected(others, ["06"]), place / "older", jobs)
    return Bench(whole, loaded, runs, place / "again", None, place / "older")


def restricted(code: Path, study: str, place: Path, jobs: int) -> Bench:
    """A simulated study as if its people were real: run twice, and released twice."""
    whole = copied(code, study, place / "whole")
    for folder in staging.folders(study):
        shutil.rmtree(whole / folder, ignore_errors=True)  # of another policy
    declared = whole / "data" / "raw" / study / "datapackage.json"
    said = record.read(declared)
    record.write(declared, said | {"study": said["study"] | {"policy": "restricted"}})
    loaded, runs = planned(whole, study)
    for target in (whole, place / "again"):
        run(whole, study, runs, target, jobs)
    made = [released(loaded, root, place / f"released-{root.name}") for root in (whole, place / "again")]
    shutil.copytree(made[0], whole / "scratch" / "release" / study)
    return Bench(whole, loaded, runs, place / "again", made[1], place / "again")


BENCHES = {PUBLISHED: published, RESTRICTED: restricted}


def unfounded(bench: Bench) -> list[Alarm]:
    """What a sound copy raises; nothing, or the audit itself is at fault."""
    return [*alarms(bench, bench.whole), *later(bench, bench.whole, bench.again, 1, changes=False)]


def alarms(bench: Bench, root: Path) -> Iterator[Alarm]:
    """What the files of a copy give away, without running anything."""
    try:
        loaded = studies.load(bench.loaded.name, root / "data" / "raw")
    except studies.StudyError as error:
        yield CHECK, str(error.problems[0])
        loaded = bench.loaded
    checks: list[tuple[str, Iterable[str]]] = [
        (RECORD, inspection.of_record(loaded.name, bench.runs, root)),
        (NOTEBOOKS, inspection.of_notebooks(bench.runs, root)),
        (CLAIMS, claims.problems(loaded, root)),
    ]
    if bench.released:
        checks += [(LEAKS, _leaks(loaded, bench.place(root))), (RELEASE, _otherwise_released(bench, root))]
    else:
        checks.append((NUMBERS, numbers.check(root)))
    yield from ((check, sentence) for check, found in checks for sentence in found)


def _leaks(loaded: Study, place: Place) -> Iterator[str]:
    for row in release.leaking(loaded, place.release).itertuples():
        if not row.kind.startswith("perhaps"):
            yield f"{row.file}, {row.where}: {row.kind} {row.what}"


def _otherwise_released(bench: Bench, root: Path) -> Iterator[str]:
    """Where a release is not what the results give."""
    kept = bench.place(root).release
    for path in sorted(
        {file.relative_to(folder) for folder in (kept, bench.released) for file in folder.rglob("*.*")}
    ):
        grade, found = verify.compared(path.as_posix(), kept / path, bench.released / path)
        if grade not in verify.GOOD:
            yield f"{path} is {grade}: {found[0] if found else ''}"


def later(bench: Bench, root: Path, place: Path, jobs: int, *, changes: bool) -> Iterator[Alarm]:
    """What a second run gives away: one of the copy itself, or, if no run would be another, the bench's."""
    again = place if changes else bench.again
    if changes:
        try:
            _, runs = planned(root, bench.loaded.name)
            run(root, bench.loaded.name, runs, again, jobs)
        except (sequence.RunError, studies.StudyError) as error:
            yield RUN, str(error).splitlines()[0]
            return
    for one in verify.graded(bench.loaded.name, root, again):
        if not one.good:
            told = f": {one.found[0]}" if one.found else ""
            yield AGAIN, f"{one.path} is {one.grade}{told}"


def cover(root: Path, study: str, runs: Sequence[plan.Run]) -> None:
    """Make record and executed notebooks agree with whatever is there, as somebody would who wants to
    deceive."""
    for run in runs:
        _resourced(root / run.executed, root / "notebooks" / f"{run.notebook}.ipynb")
    path = root / "data" / "derived" / study / record.SHARED
    said = record.read(path)
    for entry in said["runs"]:
        for part in ("inputs", "outputs"):
            entry[part] = files.hashes((root / name for name in entry[part]), root)
    now = record.material(study, root)
    said |= {part: now[part] for part in ("inputs", "sources", "lock")}
    material = {part: said[part] for part in now}
    for run in runs:
        record.of_run(said, run.name)["basis"] = record.basis(material, run, root)
    record.write(path, said)


def _resourced(executed: Path, source: Path) -> None:
    """Give the cells of an executed notebook the source that they now have."""
    notebook = record.read(executed)
    now = {cell["id"]: cell["source"] for cell in record.read(source)["cells"]}
    other = [
        cell for cell in notebook.get("cells", []) if cell["source"] != now.get(cell["id"], cell["source"])
    ]
    for cell in other:
        cell["source"] = now[cell["id"]]
    if other:
        record.write(executed, notebook)


def tried(bench: Bench, fault: Fault, place: Path, jobs: int) -> Iterator[Outcome]:
    """A fault in both guises, each in a copy of its own below `place`, which is empty again afterwards."""
    for guise in (PLAIN, COVERED):
        root = copied(bench.whole, bench.loaded.name, place / "copy")
        changed = fault.plant(bench.place(root))
        if guise == COVERED:
            cover(root, bench.loaded.name, bench.runs)
        found = [*alarms(bench, root)]
        if guise == COVERED or not found:
            found += later(bench, root, place / "again", jobs, changes=fault.changes)
        shutil.rmtree(place)
        yield Outcome(fault, changed, guise, found)


def account(outcomes: Sequence[Outcome], sound: dict[str, list[Alarm]], bench: Bench) -> dict[str, Any]:
    """The outcomes for programs and for the report: what was planted, which checks have noticed it, and to
    which results, by the SHA-256 of their record, all this was done."""
    rows = [
        {
            "fault": one.fault.name,
            "changed": one.changed,
            "guise": one.guise,
            "study": one.fault.study,
            "caught_by": [*dict.fromkeys(check for check, _ in one.alarms)],
            "said": one.alarms[0][1] if one.alarms else "",
        }
        for one in outcomes
    ]
    own = bench.whole / "data" / "derived" / bench.loaded.name / record.SHARED
    alarms_ = {name: [": ".join(alarm) for alarm in found] for name, found in sound.items()}
    return {"record": files.sha256(own), "sound": alarms_, "faults": rows}


def sentence(outcomes: Sequence[Outcome]) -> str:
    """What became of one fault in its guises."""
    parts = []
    for one in outcomes:
        by = " and ".join(dict.fromkeys(check for check, _ in one.alarms))
        parts.append(f"{one.guise} noticed by {by}" if by else f"{one.guise} NOT NOTICED")
    return f"{outcomes[0].fault.name}: {'; '.join(parts)}"


def verdict(outcomes: Sequence[Outcome], sound: dict[str, list[Alarm]]) -> list[str]:
    """What an audit came to, with what it missed by name."""
    if any(sound.values()):
        says = [f"  {name}: {check}: {said}" for name, found in sound.items() for check, said in found]
        return ["A copy without a fault raised an alarm, so nothing was planted:", *says]
    missed = [one for one in outcomes if not one.alarms]
    planted, noticed = len({one.fault.name for one in outcomes}), len(outcomes) - len(missed)
    guises = f"each {PLAIN} and {COVERED} by a record that agrees"
    counts = f"{planted} faults planted, {guises}: {noticed} of {len(outcomes)} noticed."
    return [
        *(f"  not noticed: {one.fault.name}, {one.guise}: {one.changed}" for one in missed),
        f"{counts} The copies without a fault raised no alarm.",
    ]
