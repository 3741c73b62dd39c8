"""The kept results, held against a second run: each file graded, each difference with its cause.

A file is `identical` if its bytes are, `equivalent` if it says the same (`comparison`), `different` if not,
`missing` if the second run has not written it, `unexpected` if only that run has. The cause is what of all
that results are made from is not what the record of the kept results names.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.audit.comparison import Difference, differences
from analysis.runs import record, staging
from analysis.runs.files import sha256
from analysis.runs.steps import Tell, silent

GRADES = ("identical", "equivalent", "different", "missing", "unexpected")
GOOD = GRADES[:2]
SHOWN = 5
"""Differences of a file that are printed one by one."""
EDITED = "it is not as its run has written it: run.json has another SHA-256 of it"
GONE = "it is gone: run.json names it"
NOTHING_ELSE = (
    "all that the record names is the same here; so the kept results were not made from it, or the "
    "computation gives another result each time"
)


@dataclass(frozen=True)
class Graded:
    """A result, its grade, where its two versions part, and why as far as the records tell."""

    path: str
    grade: str
    found: list[Difference] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the second run has confirmed it."""
        return self.grade in GOOD


def graded(study: str, kept: Path, again: Path, tell: Tell = silent) -> list[Graded]:
    """Every result of a study below `kept` or `again`, laid out as in the checkout, by path; `run.json` last.

    Where the record only repeats that another file or the software is not the same, it is equivalent.
    """
    derived = Path("data/derived") / study
    own = f"{derived}/{record.SHARED}"
    records = [record.of_results(study, root) for root in (kept, again)]
    paths = sorted({path for root in (kept, again) for path in results(study, root)} - {own})
    found = []
    for done, path in enumerate(paths):
        tell("Grading files", done, len(paths))
        found.append(_graded(path, kept, again, records))
    return [*found, _record(own, (kept, again), records)]


def results(study: str, root: Path) -> list[str]:
    """Every file of a study's results below `root`, but what is of one machine only."""
    files = (path for folder in staging.folders(study) for path in (root / folder).rglob("*"))
    return sorted(
        path.relative_to(root).as_posix()
        for path in files
        if (path.is_file() or path.is_symlink())
        and path.relative_to(root) != Path("data/derived", study, record.LOCAL)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _graded(path: str, kept: Path, again: Path, records: Sequence[dict[str, Any]]) -> Graded:
    grade, found = compared(path, kept / path, again / path)
    if grade == "identical":
        return Graded(path, grade)
    return Graded(path, grade, found, [*_causes(path, kept, records)])


def compared(path: str, kept: Path, again: Path) -> tuple[str, list[Difference]]:
    """The grade of one file, and where its two versions part."""
    if not again.exists():
        return "missing", []
    if not kept.exists():
        return "unexpected", []
    if not (kept.is_file() and again.is_file()):
        what = (("a file" if path.is_file() else "a folder, or no ordinary file") for path in (kept, again))
        return "different", [Difference("what it is", *what)]
    before, after = kept.read_bytes(), again.read_bytes()
    if before == after:
        return "identical", []
    found = differences(path, before, after)
    return "different" if found else "equivalent", found


def _record(own: str, roots: Sequence[Path], records: Sequence[dict[str, Any]]) -> Graded:
    """The record itself. What it repeats of other files and of the software is no difference of its own."""
    grade, found = compared(own, *(root / own for root in roots))
    hanging = [one for one in found if one.where.endswith(" › basis")]  # on all the rest
    told = [one for one in found if one not in hanging] or hanging
    news = [one for one in told if not _repeats(one.where.split(" › "), roots, records)]
    causes = [*_software(*records)] if found else []
    return Graded(own, "equivalent" if grade == "different" and not news else grade, news, causes)


def _repeats(place: list[str], roots: Sequence[Path], records: Sequence[dict[str, Any]]) -> bool:
    """Whether a place of the record repeats what is so: a version that the lock allows, a file's own hash."""
    match place:
        case ["software", "python" | "platform"]:
            return True
        case ["software", name] if records[0].get("software"):
            allowed = record.pinned(roots[0] / record.LOCK).get(name, set())
            return records[0]["software"].get(name) in {None, *allowed}
        case ["runs", run, "inputs" | "outputs" as part, path]:
            said = [record.of_run(each, run).get(part, {}).get(path) for each in records]
            files = [root / path for root in roots]
            return all(
                file.is_file() and sha256(file) == digest for file, digest in zip(files, said, strict=True)
            )
    return False


def _causes(path: str, kept: Path, records: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Why the versions of a result differ: what its record says of its making and is not so now."""
    written = (run for said in records for run in record.runs(said) if path in run.get("outputs", {}))
    if (writer := next(written, None)) is None:
        yield "no run of either record writes it"
        return
    one, other = (record.of_run(said, writer["run"]) for said in records)
    said = one.get("outputs", {}).get(path)
    there = (kept / path).is_file()
    if said is not None and not there:
        yield GONE
        return
    edited = said is not None and sha256(kept / path) != said
    if edited:
        yield EDITED
    found = [*_parameters(one, other), *_material(writer["notebook"], *records), *_read(one, other)]
    yield from found
    if not edited and not found:
        yield NOTHING_ELSE


def _parameters(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    given = [run.get("parameters", {}) for run in (one, other)]
    for name in sorted({*given[0], *given[1]}):
        before, after = (values.get(name) for values in given)
        if before != after:
            yield f"the parameter {name}: kept {json.dumps(before)}, again {json.dumps(after)}"


def _material(notebook: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    """What of the material differs, other notebooks left aside."""
    for part in record.MADE_FROM:
        one, other = before.get(part, {}), after.get(part, {})
        for name in sorted({*one, *other}):
            aside = name.startswith("notebooks/") and name != f"notebooks/{notebook}.ipynb"
            if one.get(name) != other.get(name) and not aside:
                what = (
                    "has changed"
                    if name in one and name in other
                    else "is new"
                    if name in other
                    else "is gone"
                )
                yield f"{name} {what} since"
    yield from _software(before, after)


def _software(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    """The versions that differ: of Python, the platform, the packages."""
    one, other = before.get("software", {}), after.get("software", {})
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield f"{name}: kept with {one.get(name, 'none')}, again with {other.get(name, 'none')}"


def _read(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    """Results of runs before it that it has read, and that differ."""
    before, after = (run.get("inputs", {}) for run in (one, other))
    differ = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    if differ:
        more = f" and {len(differ) - 1} more" if len(differ) > 1 else ""
        yield f"it reads {differ[0]}{more}, which differ{'' if more else 's'}"


def counts(found: Iterable[Graded]) -> dict[str, int]:
    """How many files have each grade."""
    grades = [one.grade for one in found]
    return {grade: grades.count(grade) for grade in GRADES if grade in grades}


def sentences(found: Sequence[Graded]) -> list[str]:
    """What a reviewer reads: each file that is not identical, where and why, and the count at the end."""
    said = []
    for one in found:
        if one.grade != "identical":
            said.append(f"{one.grade}: {one.path}")
            said += [f"  {difference}" for difference in one.found[:SHOWN]]
            said += [f"  and {len(one.found) - SHOWN} more places"] if len(one.found) > SHOWN else []
            said += [f"  because: {cause}" for cause in one.causes]
    told = ", ".join(f"{number} {grade}" for grade, number in counts(found).items())
    return [*said, f"{len(found)} files made again: {told}."]


def account(study: str, kept: Path, found: Sequence[Graded], alarms: Sequence[str]) -> dict[str, Any]:
    """The same for programs: the counts, every file with its grade, differences and causes, and of which
    record, by its SHA-256, all this is said."""
    files = [
        {
            "path": one.path,
            "grade": one.grade,
            "found": [vars(difference) for difference in one.found],
            "causes": one.causes,
        }
        for one in found
    ]
    own = kept / "data/derived" / study / record.SHARED
    when = datetime.now(UTC).isoformat(timespec="seconds")
    of = {"study": study, "record": sha256(own) if own.is_file() else None, "when": when}
    good = not alarms and all(one.good for one in found)
    return of | {"good": good, "alarms": [*alarms], "counts": counts(found), "graded": files}
