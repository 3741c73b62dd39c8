"""The one command line: `python -m analysis COMMAND`. The Makefile's targets are calls of it."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

import pandas as pd

from analysis import ROOT, study
from analysis.audit import verify as audit
from analysis.audit.claims import tally
from analysis.outputs import reading
from analysis.outputs.paper import table_names
from analysis.runs import sequence
from analysis.runs.execution import RunError
from analysis.runs.plan import PlanError, Run, plan, specification

PAPER = "bussu-marshall-2020"
USAGE = 2
"""The exit code for what the user gave us: a study, a file or a parameter that cannot be used."""


def main(words: list[str] | None = None) -> int:
    """Run a command and give back its exit code: 0, 1 for a failed run, 2 for unusable input."""
    given = parser().parse_args(words)
    try:
        return given.command(given)
    except (study.StudyError, PlanError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except RunError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; earlier results are as they were", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for name, command, about in (
        ("reproduce", reproduce, "run every notebook and write every table, figure and appendix"),
        ("verify", verify, "run everything again beside the kept results and list what differs"),
        ("check", check, "check the raw tables and explain every error at once"),
        ("plan", show_plan, "show which notebook runs with which parameters and writes what"),
    ):
        one = commands.add_parser(name, help=about, description=about)
        one.add_argument("study", nargs="?", default=PAPER, help=f"a folder of data/raw/ (default: {PAPER})")
        one.set_defaults(command=command)
        if name in ("reproduce", "plan"):
            one.add_argument(
                "-p",
                "--parameter",
                nargs=2,
                action="append",
                default=[],
                metavar=("NAME", "VALUE"),
                help="another value for a parameter; results then go to scratch/ and the kept ones stay. "
                + "; ".join(f"{key}: {rule['help']}" for key, rule in _settable().items()),
            )
    about = "open JupyterLab on this machine only"
    lab = commands.add_parser("lab", help=about, description=about)
    lab.add_argument("options", nargs="*", help="options for JupyterLab itself, behind --")
    lab.set_defaults(command=open_lab)
    return top


def _settable() -> dict[str, dict]:
    return {key: rule for key, rule in specification()["parameters"].items() if "default" in rule}


def _planned(name: str, given: list[list[str]]) -> tuple[study.Study, list[Run]]:
    record = study.load(name)
    names = {"grouping": record.compare, "site": [record.site], "table": table_names(record.codebook)}
    return record, plan(name, names, dict(given))


def reproduce(given: argparse.Namespace) -> int:
    """Run the plan; with parameters of the user's own the results go to scratch/."""
    record, runs = _planned(given.study, given.parameter)
    target = ROOT / "scratch" if given.parameter else ROOT
    print(f"{record.title}\n{len(runs)} runs from data/raw/{record.name}/")
    written = sequence.reproduce(record.name, runs, ROOT, target, _progress(len(runs)))
    _summary(record, target, written)
    return 0


def _progress(total: int) -> sequence.Progress:
    def line(number: int, run: Run, cells: int, seconds: float) -> None:
        print(f"[{number:2}/{total}] {run.name:36} {cells:3} cells  {seconds:5.1f} s", flush=True)

    return line


def _summary(record: study.Study, target: Path, written: list[str]) -> None:
    derived, figures = target / "data" / "derived" / record.name, target / "figures" / record.name
    claims = pd.read_csv(derived / "claims.csv", dtype=str, keep_default_na=False)
    counts = ", ".join(f"{row.claims} {row.verdict}" for row in tally(claims).itertuples())
    print(f"Written: {len(written)} files and run.json, below {_shown(derived)}/ and {_shown(figures)}/")
    print(f"Claims of the paper: {counts}" if len(claims) else "The study has no claims.csv.")
    for sentence in reading.differing(claims, record.claims):
        print(f"  differs: {sentence}")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def verify(given: argparse.Namespace) -> int:
    """Run everything in a temporary place and compare it with what is kept, file by file."""
    record, runs = _planned(given.study, [])
    folders = [Path("data/derived") / record.name, Path("figures") / record.name]
    with tempfile.TemporaryDirectory() as place:
        sequence.reproduce(record.name, runs, ROOT, Path(place), _progress(len(runs)))
        found = audit.differences(ROOT, Path(place), folders)
        total = len(audit.files(Path(place), folders))
    for path, what in found:
        print(f"{what}: {path}")
    kinds = [what for _, what in found]
    counts = ", ".join(f"{kinds.count(what)} {what}" for what in sorted({*kinds}))
    print(f"{total} files made again: {counts or 'all identical to the kept ones'}.")
    return 1 if found else 0


def check(given: argparse.Namespace) -> int:
    """Load the study, which checks it, and say what it holds."""
    record = study.load(given.study)
    print(f"{record.title}: no errors")
    for table in study.CONTRACT:
        rows = len(getattr(record, table))
        print(f"  {table}.csv: " + ("absent" if table in record.missing else f"{rows} rows"))
    return 0


def show_plan(given: argparse.Namespace) -> int:
    """Print the runs, their parameters and their outputs."""
    _, runs = _planned(given.study, given.parameter)
    for run in runs:
        print(f"{run.name}: notebooks/{run.notebook}.ipynb")
        print("  with " + ", ".join(f"{key}={value!r}" for key, value in run.parameters.items()))
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


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `... | head` is no error
    sys.exit(main())
