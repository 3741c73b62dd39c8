"""The one command line: `python -m analysis COMMAND`. The Makefile's targets are calls of it.

What a command does is in `analysis/commands/`, of which only the module that is asked for is imported.
"""

import os
import signal
import sys


def _leave(_number: int, _frame: object) -> None:
    """End at once, as nothing has begun."""
    os.write(2, b"stopped\n")
    os._exit(128 + signal.SIGINT)


ASKED = __name__ == "__main__" and signal.getsignal(signal.SIGINT) != signal.SIG_IGN
if ASKED:  # while what stands below is imported, nothing else would answer Ctrl-C
    signal.signal(signal.SIGINT, _leave)

import argparse
import importlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from analysis import PAPER, ROOT, SIMULATED, FailedError, UnusableError
from analysis.commands import CRATES, EXPORTS, HANDINS, RELEASES, SENSECHECKS, TRIALS
from analysis.measures import MIN_PEOPLE
from analysis.runs import steps
from analysis.runs.processes import FORKS, Nursery
from analysis.runs.specification import legal, settable
from analysis.sources import KEYS

USAGE = 2
"""The exit code for what the user gave us: a study, a file or a parameter that cannot be used."""


class Command(argparse.ArgumentParser):
    """The parser of one command; what its options say may take long to import, and is made when asked for."""

    later = ""

    def parse_known_args(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - argparse's own
        """Parse, with all options there."""
        if self.later:
            _function(self.later)(self)
            self.later = ""
        return super().parse_known_args(*given, **more)


def main(words: list[str] | None = None) -> int:
    """Run a command and give back its exit code: 0, 1 for a failed run, 2 for unusable input."""
    given = argparse.Namespace()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what a cell shows may be no text of this terminal
    try:
        parser().parse_args(words, given)
        study = getattr(given, "study", "")
        with _warmed(given), steps.told(given.command.rpartition(".")[2].strip("_"), study) as given.steps:
            with given.steps(steps.START), _asked_later():
                command = _function(given.command)
            return command(given)
    except UnusableError as error:
        print(error, file=sys.stderr)
        return USAGE
    except (FailedError, OSError) as error:  # nobody reads what is printed any more, say
        print(f"failed: {error}", *getattr(error, "__notes__", []), sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("stopped", *getattr(stop, "__notes__", []), sep="\n", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)


def _function(name: str) -> Callable[..., Any]:
    module, function = name.split(".")
    return getattr(importlib.import_module(f"analysis.commands.{module}"), function)


@contextmanager
def _asked_later() -> Iterator[None]:
    """Let Ctrl-C wait: a compiled module that is being imported takes it for a failure of its own."""
    asked: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers if callable(signal.getsignal(number))}
    for number in before:
        signal.signal(number, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt(asked[0])


@contextmanager
def _warmed(given: argparse.Namespace) -> Iterator[None]:
    """Let what kernels are forked from begin before the command imports what it needs itself."""
    given.nursery = None
    if FORKS and not getattr(given, "cold", True):
        with suppress(OSError):  # a full disk, say, which the command will meet too
            given.nursery = Nursery(ROOT)
    try:
        yield
    finally:
        if given.nursery:
            given.nursery.end()


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=Command)
    for name, module, about in _of_a_study():
        one = commands.add_parser(name, help=about, description=about)
        one.add_argument("study", nargs="?", default=PAPER, help=f"a folder of data/raw/ (default: {PAPER})")
        one.set_defaults(command=f"{module}.{name}")
        if name in ("reproduce", "plan"):
            _add_choices(one)
            _add_view(one)
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
    lab.add_argument("study", nargs="?", default=PAPER, help=f"a folder of data/raw/ (default: {PAPER})")
    lab.add_argument("options", nargs="*", help="options for JupyterLab itself, behind --")
    lab.set_defaults(command="lab.lab")
    return top


def _of_a_study() -> tuple[tuple[str, str, str], ...]:
    """The commands on a study that is there: name, module and what it does."""
    return (
        ("reproduce", "results", "run every notebook and write every table, figure and appendix"),
        (
            "verify",
            "evidence",
            "run everything again beside the kept results, grade each, say what differs and why",
        ),
        ("accept", "evidence", "run everything again, show what differs, ask, and replace the kept results"),
        ("check", "studies", "check the raw tables, wherever they lie, and explain every error at once"),
        ("claims", "evidence", "hold the paper's claims and the pages' numbers against cells and tables"),
        ("leaks", "leaving", "list what stands in the results and is confidential, before anybody gets them"),
        (
            "release",
            "leaving",
            f"write what may leave of a restricted study below {RELEASES}/, and why not the rest",
        ),
        ("crate", "publishing", f"write the evidence package of the results below {CRATES}/"),
        (
            "handin",
            "handing_in",
            f"write Word, Excel, LaTeX, the COREQ checklist and the methods below {HANDINS}/",
        ),
        (
            "report",
            "publishing",
            "write a site with the results, each number tied to its cell, and say where it is",
        ),
        ("sensecheck", "sensechecking", f"write sheets for a workshop, one a theme, below {SENSECHECKS}/"),
        ("plan", "results", "show which notebook runs with which parameters, reads what and writes what"),
        (
            "export",
            "studies",
            f"write codings for other tools, quotations and codebook as sheets, below {EXPORTS}/",
        ),
    )


def _add_simulations(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "write the raw tables of the study whose truth is known, from its declaration"
    simulated = commands.add_parser("simulate", help=about, description=about)
    simulated.add_argument("study", nargs="?", default=SIMULATED, help=f"its folder (default: {SIMULATED})")
    simulated.set_defaults(command="simulation.simulate")
    about = "simulate studies whose truth is known, and count how often each interval contains it"
    calibrated = commands.add_parser("calibrate", help=about, description=about)
    calibrated.add_argument(
        "--studies", type=_count, default=1000, metavar="N", help="per cell (default: 1000)"
    )
    calibrated.set_defaults(command="simulation.calibrate")


def _add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "plant faults into throw-away copies, one at a time, and see that each is noticed and by what"
    command = commands.add_parser("audit", help=about, description=about)
    command.add_argument(
        "--random", type=int, default=10, metavar="N", help="faults made up by chance beside those known"
    )
    command.add_argument("--seed", type=int, default=1, metavar="N", help="of the chance (default: 1)")
    _add_jobs(command)
    command.set_defaults(command="evidence.audit")


def _add_starter(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "begin a study by hand: tables with example rows to write over, and a page that explains them"
    command = commands.add_parser("study", help=about, description=about)
    command.add_argument("study", metavar="NAME", help="the folder of data/raw/ to make")
    command.set_defaults(command="studies.begin")


def _add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "make a study of what another tool has exported, with a report of what became of every row"
    command = commands.add_parser("import", help=about, description=about)
    command.later = "studies.options_of_import"
    command.set_defaults(command="studies.import_")


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


def _add_view(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--view",
        metavar="NAME",
        help="run a view that was kept from the screen of lab, by its name or its file; results then go to "
        f"a folder of its own below {TRIALS}/",
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
    about = "start every kernel from nothing, as Jupyter does: slower, and what make verify always does"
    command.add_argument("--cold", action="store_true", help=about)


def _add_threshold(command: argparse.ArgumentParser) -> None:
    about = f"people that a number must have to be told (default: {MIN_PEOPLE})"
    command.add_argument("--threshold", type=_count, default=MIN_PEOPLE, metavar="N", help=about)


def _add_proof(command: argparse.ArgumentParser) -> None:
    about = "hold the private files against a package of a restricted study (default: the one written here)"
    command.add_argument("--prove", nargs="?", const="", metavar="FOLDER", help=about)
    about = f"where the key of its keyed hashes is kept (default: {KEYS}/STUDY.crate.key)"
    command.add_argument("--key", metavar="FILE", help=about)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number; expected 1 or more')
    return int(text)


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
    if ASKED:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    code = main()
    _let_go()
    os._exit(code)  # giving back the memory of pandas, piece by piece, would take a tenth of a second
