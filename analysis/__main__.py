"""The one command line: `python -m analysis COMMAND`. The Makefile's targets are calls of it."""

import argparse
import dataclasses
import io
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from analysis import ROOT, study
from analysis.audit import claims as ledger
from analysis.audit import crate as crates
from analysis.audit import faults, inspection, numbers, trials
from analysis.audit import release as releases
from analysis.audit import report as reports
from analysis.audit import verify as audit
from analysis.measures import calibration
from analysis.measures.disclosure import MIN_PEOPLE
from analysis.outputs import formats, quotations, reading
from analysis.outputs.paper import table_names
from analysis.outputs.place import Results
from analysis.runs import files, progress, record, sequence, staging
from analysis.runs import plan as plans
from analysis.runs.plan import Run
from analysis.runs.sequence import RunError
from analysis.runs.specification import PlanError, legal, limits, settable
from analysis.sources import back, importing, places, recognise, starter, writing
from analysis.sources.project import SourceError
from analysis.study import simulated
from analysis.study.tables import written

TRIALS = "scratch/trials"
"""Where results of a part, or with other parameters, go: the kept ones, and those made by hand, stay."""
RELEASES = "scratch/release"
"""Where what may leave of a restricted study goes, and a note of what each release is made from."""
CRATES = "scratch/crate"
"""Where evidence packages go."""
VERIFIED = "scratch/verify"
"""Where the last verdict on a study's results is kept, for the report."""
AUDITED = "scratch/audit"
"""And what the last audit by planted faults came to."""
REPORTS = reports.REPORTS
"""Where the site goes that shows a study's results."""
EXPORTS = "scratch/export"
"""Where a study's codes and quotations go that other tools are to read."""
LISTED = 100
"""Places that are listed one by one."""
PAPER, SIMULATED = writing.KEPT
USAGE = 2
"""The exit code for what the user gave us: a study, a file or a parameter that cannot be used."""


def main(words: list[str] | None = None) -> int:
    """Run a command and give back its exit code: 0, 1 for a failed run, 2 for unusable input."""
    given = argparse.Namespace()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what a cell shows may be no text of this terminal
    try:
        parser().parse_args(words, given)
        return given.command(given)
    except (study.StudyError, PlanError, SourceError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except (RunError, reports.ReportError) as error:
        print(f"failed: {error}", *getattr(error, "__notes__", []), sep="\n", file=sys.stderr)
        return 1
    except (releases.ReleaseError, crates.CrateError) as error:
        released = isinstance(error, releases.ReleaseError)
        says = "released, and an earlier release" if released else "written, and an earlier package"
        print(f"failed: {error}", f"Nothing was {says} is as it was.", sep="\n", file=sys.stderr)
        return 1
    except OSError as error:  # nobody reads what is printed any more, say
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("stopped", *getattr(stop, "__notes__", []), sep="\n", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for name, command, about in _of_a_study():
        one = commands.add_parser(name, help=about, description=about)
        one.add_argument("study", nargs="?", default=PAPER, help=f"a folder of data/raw/ (default: {PAPER})")
        one.set_defaults(command=command)
        if name in ("reproduce", "plan"):
            _add_choices(one)
        if name in ("reproduce", "verify"):
            _add_ways(one)
        if name == "accept":
            _add_jobs(one)
            one.add_argument("--yes", action="store_true", help="do not ask")
        if name == "reproduce":
            _add_reuse(one)
        if name == "release":
            _add_threshold(one)
        if name == "crate":
            _add_proof(one)
    _add_audit(commands)
    _add_starter(commands)
    _add_import(commands)
    _add_simulations(commands)
    about = "open JupyterLab on this machine only"
    lab = commands.add_parser("lab", help=about, description=about)
    lab.add_argument("options", nargs="*", help="options for JupyterLab itself, behind --")
    lab.set_defaults(command=open_lab)
    return top


def _of_a_study() -> tuple[tuple[str, Callable[[argparse.Namespace], int], str], ...]:
    """The commands on a study that is there: name, function and what it does."""
    return (
        ("reproduce", reproduce, "run every notebook and write every table, figure and appendix"),
        (
            "verify",
            verify,
            "run everything again beside the kept results, grade each, say what differs and why",
        ),
        ("accept", accept, "run everything again, show what differs, ask, and replace the kept results"),
        ("check", check, "check the raw tables and explain every error at once"),
        (
            "claims",
            hold_claims,
            "hold the paper's claims and the pages' numbers against cells and tables, and list what differs",
        ),
        (
            "leaks",
            find_leaks,
            "list what stands in the results and is confidential, before anybody gets them",
        ),
        (
            "release",
            release,
            f"write what may leave of a restricted study below {RELEASES}/, and why not the rest",
        ),
        ("crate", crate, f"write the evidence package of the results below {CRATES}/"),
        ("report", report, f"write a site with the results, each number tied to its cell, below {REPORTS}/"),
        ("plan", show_plan, "show which notebook runs with which parameters, reads what and writes what"),
        (
            "export",
            export,
            f"write codings for other tools, and quotations and codebook as sheets, below {EXPORTS}/",
        ),
    )


def _add_simulations(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "write the raw tables of the study whose truth is known, from its declaration"
    simulated = commands.add_parser("simulate", help=about, description=about)
    simulated.add_argument("study", nargs="?", default=SIMULATED, help=f"its folder (default: {SIMULATED})")
    simulated.set_defaults(command=simulate)
    about = "simulate studies whose truth is known, and count how often each interval contains it"
    calibrated = commands.add_parser("calibrate", help=about, description=about)
    calibrated.add_argument(
        "--studies", type=_count, default=1000, metavar="N", help="per cell (default: 1000)"
    )
    calibrated.set_defaults(command=calibrate)


def _add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "plant faults into throw-away copies, one at a time, and see that each is noticed and by what"
    command = commands.add_parser("audit", help=about, description=about)
    command.add_argument(
        "--random", type=int, default=10, metavar="N", help="faults made up by chance beside those known"
    )
    command.add_argument("--seed", type=int, default=1, metavar="N", help="of the chance (default: 1)")
    _add_jobs(command)
    command.set_defaults(command=audit_)


def _add_starter(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "begin a study by hand: tables with example rows to write over, and a page that explains them"
    command = commands.add_parser("study", help=about, description=about)
    command.add_argument("study", metavar="NAME", help="the folder of data/raw/ to make")
    command.set_defaults(command=begin)


def _add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "make a study of what another tool has exported, with a report of what became of every row"
    command = commands.add_parser("import", help=about, description=f"{about}. It reads {recognise.KINDS}.")
    command.add_argument("source", metavar="FROM", help="the file, or the folder of a QualCoder project")
    command.add_argument("study", help="the folder of data/raw/ to make")
    command.add_argument("--people", choices=["cases", "sources"], help=importing.SAID["people"])
    command.add_argument("--project", metavar="NAME", help=importing.SAID["project"])
    command.add_argument("--attributes", metavar="SHEET", help=importing.SAID["attributes"])
    about = (
        f"what the tool counts places in, if it is to be believed without asking: {', '.join(places.NAMES)}"
    )
    command.add_argument("--unit", choices=[*places.NAMES], metavar="UNIT", help=about)
    about = "the choices of an earlier import, its import.toml; options beside it count more"
    command.add_argument("--with", dest="choices", metavar="TOML", help=about)
    about = (
        "leave out and list what is at fault, a coding on a missing code say, instead of refusing the file"
    )
    command.add_argument("--skip-broken", action="store_true", default=None, help=about)
    about = "replace names of people, documents and coders, in texts too; the same ones at every import"
    command.add_argument("--pseudonyms", action="store_true", default=None, help=about)
    about = f"where their key is kept (default: {writing.KEYS}/STUDY.key.csv)"
    command.add_argument("--key", metavar="FILE", help=about)
    about = f"put a study of this name aside into {writing.REPLACED}/"
    command.add_argument("--replace", action="store_true", help=about)
    command.set_defaults(command=import_)


def _add_choices(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help=f"another value for a parameter; results then go to {TRIALS}/ and the kept ones stay. "
        + "; ".join(
            f"{key}, {legal(rule)}: {rule['help']}".replace("%", "%%") for key, rule in settable().items()
        ),
    )
    command.add_argument(
        "--runs",
        nargs="+",
        default=[],
        metavar="NAME",
        help=f"only runs whose name begins so, and what they need; results then go to {TRIALS}/",
    )


def _add_jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument("--jobs", type=_count, default=1, metavar="N", help="runs side by side (default: 1)")


def _add_ways(command: argparse.ArgumentParser) -> None:
    _add_jobs(command)
    shown = command.add_mutually_exclusive_group()
    shown.add_argument("-v", "--verbose", action="store_true", help="show what the cells show")
    shown.add_argument("--json", action="store_true", help="show one event a line, as JSON")


def _add_reuse(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reuse",
        action="store_true",
        help="take over kept results of runs whose code, data, parameters and lock are unchanged; "
        "the record marks them as reused",
    )


def _add_threshold(command: argparse.ArgumentParser) -> None:
    about = f"people that a number must have to be told (default: {MIN_PEOPLE})"
    command.add_argument("--threshold", type=_count, default=MIN_PEOPLE, metavar="N", help=about)


def _add_proof(command: argparse.ArgumentParser) -> None:
    about = "hold the private files against a package of a restricted study (default: the one written here)"
    command.add_argument("--prove", nargs="?", const="", metavar="FOLDER", help=about)
    about = f"where the key of its keyed hashes is kept (default: {writing.KEYS}/STUDY.crate.key)"
    command.add_argument("--key", metavar="FILE", help=about)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number; expected 1 or more')
    return int(text)


def _planned(
    name: str, given: list[list[str]], wanted: list[str] | None = None
) -> tuple[study.Study, list[Run]]:
    if twice := plans.twice(key for key, _ in given):
        raise PlanError(f"{', '.join(twice)} is given more than one value; expected one")
    loaded = study.load(name)
    names = {"grouping": loaded.compare, "site": [loaded.site], "table": table_names(loaded.codebook)}
    runs = plans.plan(name, names, dict(given))
    plans.check(runs, ROOT / "notebooks")
    chosen = plans.selected(runs, wanted) if wanted else runs
    if unused := [key for key, _ in given if not any(key in run.parameters for run in chosen)]:
        raise PlanError(f"{', '.join(unused)} is taken by none of the runs chosen with --runs")
    return loaded, chosen


def reproduce(given: argparse.Namespace) -> int:
    """Run the plan; a part of it, or parameters of the user's own, only for a look: as a trial."""
    loaded, runs = _planned(given.study, given.parameter, given.runs)
    if empty := [
        name for name in ("roster", "codebook", "excerpts", "codings") if getattr(loaded, name).empty
    ]:
        says = "it has no rows; an analysis needs people, codes, excerpts and codings"
        problems = [study.Problem(f"{name}.csv", None, None, says) for name in empty]
        raise study.StudyError(f"data/raw/{loaded.name}", problems)
    target = ROOT / TRIALS if given.parameter or given.runs else ROOT
    if not given.json:
        several = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        print(f"{loaded.title}\n{several} from data/raw/{loaded.name}/", flush=True)
    tell = progress.view(verbose=given.verbose, as_json=given.json)
    way = sequence.Way(given.jobs, reuse=given.reuse)
    written = sequence.reproduce(loaded.name, runs, ROOT, target, tell, way)
    if given.json:
        tell({"event": "finished", "below": str(target), "written": written})
    else:
        _summary(loaded, target, written)
    return 0


def _summary(loaded: study.Study, target: Path, written: list[str]) -> None:
    figures, derived = (target / folder for folder in staging.folders(loaded.name))
    print(f"Written: {len(written)} files and run.json, below {_shown(derived)}/ and {_shown(figures)}/")
    states = [run["state"] for run in record.entries(derived)]
    if reused := states.count("reused"):
        print(f"{reused} of {len(states)} runs reused, as run.json says: nothing they depend on has changed")
    if loaded.policy == "restricted":
        print(f"They are for the study's analysts. What may leave writes: make release STUDY={loaded.name}")
    if (derived / "claims.csv").exists():
        for sentence in reading.differing(_tally(derived), loaded.claims):
            print(f"  differs: {sentence}")


def _tally(derived: Path) -> pd.DataFrame:
    """The kept ledger, when it has been said how many of its claims have which verdict."""
    claims = pd.read_csv(derived / "claims.csv", dtype=str, keep_default_na=False)
    counts = ", ".join(f"{row.claims} {row.verdict}" for row in ledger.tally(claims).itertuples())
    print(f"Claims of the paper: {counts}" if len(claims) else "The study has no claims.csv.")
    return claims


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def verify(given: argparse.Namespace) -> int:
    """Run everything in a temporary place and grade what is kept against it, file by file."""
    loaded, runs = _planned(given.study, [])
    own = staging.folders(loaded.name)[-1] / record.SHARED
    if not (ROOT / own).exists():
        raise RunError(str(own), "there are no kept results to verify; make reproduce writes them")
    tell = progress.view(verbose=given.verbose, as_json=given.json)
    alarms = [*inspection.of_record(loaded.name, runs, ROOT), *inspection.of_notebooks(runs, ROOT)]
    with tempfile.TemporaryDirectory() as place:
        sequence.reproduce(loaded.name, runs, ROOT, Path(place), tell, sequence.Way(given.jobs))
        found = audit.graded(loaded.name, ROOT, Path(place))
    said = audit.account(loaded.name, ROOT, found, alarms)
    record.write(files.placed(ROOT / VERIFIED / f"{loaded.name}.json"), said)
    if given.json:
        tell({"event": "finished"} | said)
    else:
        print(*alarms, *audit.sentences(found), sep="\n")
    return 0 if not alarms and all(one.good for one in found) else 1


def accept(given: argparse.Namespace) -> int:
    """Run everything, show in what it differs from what is kept, and put it in its place if told so."""
    loaded, runs = _planned(given.study, [])
    tell = progress.view(verbose=False, as_json=False)

    def agree(new: Path) -> bool:
        found = audit.graded(loaded.name, ROOT, new)
        print(*audit.sentences(found), sep="\n")
        if all(one.grade == "identical" for one in found):
            return False
        return given.yes or _asked("Replace the kept results by these?")

    way = sequence.Way(given.jobs, agree=agree)
    accepted = sequence.reproduce(loaded.name, runs, ROOT, ROOT, tell, way)
    print("The new results are kept now." if accepted else "The kept results are as they were.")
    return 0


def audit_(given: argparse.Namespace) -> int:
    """Plant faults into throw-away copies, and see whether each is noticed, and by which check."""
    planted = [*faults.KNOWN, *faults.made_up(given.random, given.seed)]
    studies = {faults.PUBLISHED: PAPER, faults.RESTRICTED: SIMULATED}
    outcomes: list[trials.Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        place, benches = Path(folder), {}
        for name, made in trials.BENCHES.items():
            print(f"A sound copy of {studies[name]}, {name}, run twice", flush=True)
            benches[name] = made(ROOT, studies[name], place / name, given.jobs)
        sound = {name: trials.unfounded(bench) for name, bench in benches.items()}
        for number, fault in enumerate([] if any(sound.values()) else planted, start=1):
            found = [*trials.tried(benches[fault.study], fault, place / "trial", given.jobs)]
            print(f"{number} of {len(planted)}: {trials.sentence(found)}", flush=True)
            outcomes += found
    said = trials.account(outcomes, sound) | {"seed": given.seed}
    record.write(files.placed(ROOT / AUDITED / f"{PAPER}.json"), said)
    print(*trials.verdict(outcomes, sound), sep="\n")
    return 0 if outcomes and all(one.alarms for one in outcomes) else 1


def _asked(question: str) -> bool:
    """Whether the user says yes; nobody there to ask is a no."""
    if not sys.stdin.isatty():
        print("Nobody is there to be asked. To replace the kept results without a question: --yes")
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def check(given: argparse.Namespace) -> int:
    """Load the study, which checks it, and say what it holds."""
    loaded = study.load(given.study)
    print(f"{loaded.title}: no errors")
    for table in study.CONTRACT:
        print(f"  {table}.csv: " + ("absent" if table in loaded.missing else _rows(getattr(loaded, table))))
    return 0


def hold_claims(given: argparse.Namespace) -> int:
    """Hold the kept ledger against the kept evidence, and the pages' numbers against the results; 1 if any
    of them differs."""
    loaded = study.load(given.study)
    derived = Results(loaded.name, ROOT).derived
    if (derived / "claims.csv").exists():
        _tally(derived)
    found = ledger.problems(loaded, ROOT)
    if loaded.name == PAPER:  # of which the pages speak
        listed = numbers.listed(ROOT)
        named = sum(row["rule"] == numbers.NAME for row in listed)
        print(f"Numbers on the pages: {len(listed) - named} of results, {named} of names")
        found += numbers.check(ROOT)
    print(*(f"  {problem}" for problem in found), sep="\n", end="\n" if found else "")
    counted = "1 problem" if len(found) == 1 else f"{len(found) or 'No'} problems"
    print(f"{counted} between claims, cells, tables and pages.")
    return 1 if found else 0


def _rows(frame: pd.DataFrame) -> str:
    """How many rows a table has, and how many of them do not say what the others do."""
    said = [
        f"{len(frame)} {'row' if len(frame) == 1 else 'rows'}" + ("" if len(frame) else ", only a header")
    ]
    for column in ("participant", "coder"):
        blank = int(frame[column].isna().sum()) if column in frame else 0
        said += [f"{blank} without a {column}"] if 0 < blank < len(frame) else []
    return ", ".join(said)


def find_leaks(given: argparse.Namespace) -> int:
    """Look through the kept results for what the study has not cleared, and list it; 1 if there is any."""
    loaded = study.load(given.study)
    found = [
        f"{folder}/{row.file}, {row.where}: {row.kind} {row.what}"
        for folder in staging.folders(loaded.name)
        if (ROOT / folder).is_dir()
        for row in releases.leaking(loaded, ROOT / folder).itertuples()
    ]
    print(*found[:LISTED], sep="\n", end="\n" if found else "")
    if len(found) > LISTED:
        print(f"and {len(found) - LISTED:,} more")
    places = f"{len(found):,}" if found else "no"
    print(f"The study is {loaded.policy}. Its results have {places} places that it has not cleared.")
    return 1 if found else 0


def release(given: argparse.Namespace) -> int:
    """Write what may leave of a restricted study; a public one may leave as it is."""
    loaded = study.load(given.study)
    if altered := record.altered(loaded.name, ROOT):
        raise releases.ReleaseError(
            f"{altered[0]} is not as its run has written it; run make reproduce first"
        )
    print(*releases.known_by(loaded, given.threshold), sep="\n")
    if loaded.policy == "public":
        return find_leaks(given)
    target = ROOT / RELEASES / loaded.name
    with tempfile.TemporaryDirectory() as folder:
        own, place = Results(loaded.name, ROOT), Results(loaded.name, Path(folder))
        made = releases.write(loaded, own, place, given.threshold)
        part = target.with_name(f".{target.name}")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(place.derived, part)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    derived = staging.folders(loaded.name)[-1]
    note = {"record": files.sha256(ROOT / derived / record.SHARED), "threshold": given.threshold}
    record.write(
        target.with_name(f"{loaded.name}.json"), note | {"files": files.hashes(target.rglob("*"), target)}
    )
    print(*releases.sentences(made, given.threshold), sep="\n")
    print(f"Written: {sum(path.is_file() for path in target.rglob('*'))} files below {_shown(target)}/")
    return 0


def crate(given: argparse.Namespace) -> int:
    """Write the evidence package of the kept results, or prove that the private files are those of one."""
    loaded = study.load(given.study)
    key = None
    if loaded.policy == "restricted":
        place = writing.key_of(loaded.name, given.key or str(writing.KEYS / f"{loaded.name}.crate.key"))
        key = writing.secret(place, new=given.prove is None)
    target = ROOT / CRATES / loaded.name
    if given.prove is not None:
        return _prove(loaded, Path(given.prove or target), key)
    evidence = crates.gather(loaded, ROOT, ROOT / RELEASES, key)
    made = crates.made(evidence)
    doubtful = () if evidence.public else crates.doubtful(loaded, made).itertuples()
    files.replaced(target, made)
    archive = target.with_name(f"{loaded.name}.zip")
    part = archive.with_name(f".{archive.name}")
    part.write_bytes(crates.zipped(made))
    part.replace(archive)
    print(*(f"To be looked at: {one.file}, {one.where}: {one.kind} {one.what}" for one in doubtful), sep="\n")
    if not evidence.public:
        print("Title, description, authors and licence of datapackage.json are in the package: read them.")
        print(f"{len(evidence.private)} private files are in it as keyed hashes. Keep their key, {place}")
    print(f"Written: {len(made)} files below {_shown(target)}/, and {_shown(archive)}")
    return 0


def _prove(loaded: study.Study, folder: Path, key: bytes | None) -> int:
    """Say whether the private files are those that a package has keyed hashes of; 1 if not."""
    if key is None:
        raise crates.CrateError("the study is public, so its package has the files themselves")
    said = record.read(folder / crates.metadata.FILE)
    if not said or not crates.keyed.promised(said):
        raise crates.CrateError(f"{_shown(folder)}/ is no evidence package of a restricted study")
    mine = record.read(ROOT / staging.folders(loaded.name)[-1] / record.SHARED)
    if not mine:
        raise crates.CrateError(f"there are no results of {loaded.name} here to hold against the package")
    found = crates.private(loaded.name, ROOT, mine, key)
    unlike = crates.keyed.unlike(said, found)
    print(*unlike, sep="\n", end="\n" if unlike else "")
    same = len({*crates.keyed.promised(said).values()} & {one.keyed for one in found.values()})
    print(f"{same} of {len(found)} private files have the keyed hashes of {_shown(folder)}/.")
    return 1 if unlike else 0


def report(given: argparse.Namespace) -> int:
    """Write the site that shows the results of a study, and say where it is."""
    index, pages = reports.write(study.load(given.study), ROOT)
    print(f"Written: {pages} pages. Open {_shown(index)} in a browser; it needs no server and no network.")
    return 0


def begin(given: argparse.Namespace) -> int:
    """Write a study of a few invented rows, to be written over by hand."""
    writing.allowed(given.study, replace=False)
    made = starter.files(given.study)
    writing.write(made, given.study)
    folder = _shown(study.RAW / given.study)
    print(f"Written: {len(made)} files below {folder}/. It runs as it is; its rows are invented.")
    print(f"Read {folder}/{starter.PAGE}, write your own rows over them, then")
    print(f"  make check STUDY={given.study}")
    print(f"  make reproduce STUDY={given.study}")
    return 0


def import_(given: argparse.Namespace) -> int:
    """Make a study of another tool's file: complete, or not at all."""
    writing.allowed(given.study, replace=given.replace)
    choices = importing.Choices()
    if given.choices:
        choices = importing.from_toml(Path(given.choices))
    names = ("people", "project", "attributes", "unit", "skip_broken", "pseudonyms")
    told = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    choices = dataclasses.replace(choices, **told)
    place = writing.key_of(given.study, given.key) if choices.pseudonyms else None
    tell = partial(print, flush=True)
    made = importing.study(Path(given.source), choices, place and writing.read_key(place), tell)
    if place:
        writing.write_key(made.key, place)
    aside = writing.write(made.files, given.study)
    print(made.told["summary"], *(f"- {one}" for one in made.told["findings"]), sep="\n")
    folder = _shown(study.RAW / given.study)
    if made.told["columns"]:
        print(
            f"Columns. To change them edit {folder}/{importing.CHOICES} and import --with it and --replace:"
        )
        print(*(f"  {role}: {', '.join(names)}" for role, names in made.told["columns"].items()), sep="\n")
    if aside:
        print(f"The earlier study is in {_shown(aside)}/")
    if place:
        print(f"The key of the pseudonyms is {place}. Read the texts: names that it lacks are as they were.")
        older = [aside, *(ROOT / one for one in staging.folders(given.study))]
        if named := [f"{_shown(one)}/" for one in older if one and one.exists()]:
            print(f"Made before, and perhaps with names in them: {', '.join(named)}")
    print(f"Written: {len(made.files)} files below {folder}/. Read {folder}/{importing.PAGE}, then")
    print(f"  make reproduce STUDY={given.study}")
    return 0


def export(given: argparse.Namespace) -> int:
    """Write what other tools read of a study, and what they cannot hold of it."""
    loaded = study.load(given.study)
    made = back.files(study.RAW / loaded.name, loaded.title, study.texts(loaded))
    rows = quotations.tidy(loaded.codings, loaded.excerpts, loaded.codebook, loaded.roster)
    codes = quotations.codes(loaded.codebook, loaded.codings)
    made |= {
        "quotations.csv": formats.csv(formats.neutral(rows)),
        "quotations.xlsx": formats.xlsx({"quotations": rows, "codebook": codes.frame}),
        "codebook.csv": formats.csv(formats.neutral(loaded.codebook)),
        "codebook.docx": formats.word(codes),
    }
    target = ROOT / EXPORTS / loaded.name
    writing.replace(target, made)
    if loaded.policy == "restricted":
        print(
            "The study is restricted: these files hold what interviewees have said. Pass them on with care."
        )
    lost = pd.read_csv(io.BytesIO(made[back.LEFT_OUT]))
    if len(lost):
        print(f"What REFI-QDA has no place for: {len(lost)} rows of {_shown(target)}/{back.LEFT_OUT}")
    print(f"Written: {', '.join(sorted(made))} below {_shown(target)}/")
    return 0


def simulate(given: argparse.Namespace) -> int:
    """Write the simulated study's tables; its datapackage.json is its declaration and stays."""
    folder = study.RAW / given.study
    declared = study.declared_simulation(folder)
    for name, frame in simulated.tables(declared, study.load(declared["of"])).items():
        (folder / f"{name}.csv").write_text(written(frame), encoding="utf-8")
        print(f"{name}.csv: {len(frame)} rows")
    return 0


def calibrate(given: argparse.Namespace) -> int:
    """Write docs/calibration.csv and its figure, and say in which cells an interval is what it claims."""
    from analysis.outputs.charts import calibration as drawn  # noqa: PLC0415 - a drawing library is slow to come

    rows = calibration.coverage(given.studies)
    chart = drawn(rows)
    docs = ROOT / "docs"
    docs.mkdir(exist_ok=True)
    for name, data in (("csv", formats.csv(rows)), ("png", chart.png), ("svg", chart.svg)):
        (docs / f"calibration.{name}").write_bytes(data)
    print(calibration.summary(rows).to_string(index=False))
    return 0


def show_plan(given: argparse.Namespace) -> int:
    """Print the limits and the parameters, and each run with what it takes, reads and writes."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `... | head` is no error
    _, runs = _planned(given.study, given.parameter, given.runs)
    print(f"A cell may work {limits().cell_seconds:g} s, a run {limits().run_seconds:g} s.")
    print("Parameters:")
    for name, rule in settable().items():
        print(f"  {name}: {legal(rule)}; {rule['default']} unless given. {rule['help']}")
    for run in runs:
        print(f"{run.name}: notebooks/{run.notebook}.ipynb")
        print("  with " + ", ".join(f"{key}={value!r}" for key, value in run.parameters.items()))
        print(f"  reads data/raw/{given.study}/")
        for path in run.inputs:
            print(f"  reads {path}")
        for path in run.outputs:
            print(f"  writes {path}")
    return 0


def open_lab(given: argparse.Namespace) -> int:
    """Start JupyterLab on loopback; its token keeps other users of the machine out."""
    options = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/notebooks",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",  # the other one asks a registry
    ]
    command = [sys.executable, "-m", "jupyterlab", *options, *given.options]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is the point


def _stop(number: int, _frame: object) -> None:
    """Being asked to end by the system is like Ctrl-C: workers and kernels end too, and it is recorded."""
    raise KeyboardInterrupt(number)


def _let_go() -> None:
    """Give up what can no longer be printed, as Python would complain of it at its very end."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, _stop)
    code = main()
    _let_go()
    sys.exit(code)
