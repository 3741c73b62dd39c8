"""How long a sequence of notebooks takes in every way of running it, as ratios to one plain program.

Run by `make bench`, which writes `docs/benchmarks.md`. Each way is a command, or several, timed from its
start to its end. All take their turns in every round, and the order turns with the rounds.
"""

import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import checkout
import nbformat
import plain
import psutil

from analysis import ROOT
from analysis.commands.results import planned
from analysis.runs.plan import Run
from analysis.runs.processes import CHOSEN, environment

PAGE = ROOT / "docs" / "benchmarks.md"
OTHERS = ROOT / ".venv" / "bench"
WAYS = Path(__file__).with_name("ways.py")
PACKAGES = ("papermill", "nbclient", "nbconvert", "nbval", "ploomber-engine", "ipykernel", "jupyter-client")
PACKAGES += ("pandas", "matplotlib", "seaborn", "nltk")
FLOOR = "one plain program, imports included"
IMPORTS = "its imports alone"
OURS, BOTH = "`make reproduce`", "`make reproduce JOBS=2`"
GOALS = {OURS: 1.5, BOTH: 1.0}
SHORT = [
    f'study: str = "{plain.STUDY}"',
    """from analysis import study as studies
from analysis.measures import sample
from analysis.outputs import charts, reading, results""",
    "record = studies.load(study)\nout = results(study)",
    "reading.missing(record.missing)",
    "people = sample.count(record.roster, by=list(record.groupings))",
    'out.table("sample-{number}", people)',
    "reading.sample(people, record.site)",
    'out.figure("sample-{number}", charts.sample(people, rows=record.beside, columns=record.site))',
]
PLAN = """
[[runs]]
name = "short-{number}"
notebook = "short-{number}"
writes = ["sample-{number}"]
draws = ["sample-{number}"]
"""
METHOD = """\
All ways take their turns in each of {rounds} rounds, in an order that turns with the rounds, each as a
command that is timed from its start to its end. A ratio is the median of its seconds over that of the
floor. The floor is the same code as one plain program, `tests/bench/floor.py`, which is made of the
notebooks and shows nothing: importing once, no isolation, no notebooks written. `make reproduce` does
more than any other way: it checks study and plan, hashes all that results are made from, has a process
of its own for each notebook, keeps records, and puts everything in place at the end. In ways that know
no parameters or take no plan, notebooks are given theirs beforehand, and the results of others are there
already. For the published study the slower ways are left out."""


@dataclass(frozen=True)
class Sequence:
    """Notebooks to run: what they are, a checkout of their own with their plan, and the runs of it."""

    about: str
    root: Path
    runs: list[Run]

    @property
    def folder(self):
        """The floor, and the notebooks with their parameters, for tools that know of none."""
        return self.root / "given"

    @property
    def paths(self):
        return [str(self.folder / f"{run.name}.ipynb") for run in self.runs]

    def written(self):
        """The sequence, with everything in its place that is no part of what is timed."""
        self.folder.mkdir()
        (self.folder / "floor.py").write_text(plain.program(self.runs, self.root / "notebooks"))
        for run, path in zip(self.runs, self.paths, strict=True):
            notebook = nbformat.read(self.root / "notebooks" / f"{run.notebook}.ipynb", 4)
            for cell in notebook.cells:
                if "parameters" in cell.metadata.get("tags", []):
                    cell.source = "\n".join(f"{name} = {value!r}" for name, value in run.parameters.items())
            nbformat.write(notebook, path)
        for part in checkout.RESULTS:  # the last notebook of the study reads what others have written
            shutil.copytree(self.root / part, self.root / "place" / part)
        return self


def the_study(folder):
    """The runs of the published study."""
    root = checkout.copy(folder)
    return Sequence("The published study", root, planned(plain.STUDY, [])[1]).written()


def eight_short(folder):
    """Eight notebooks that load the study, count the interviewees and draw them."""
    root = checkout.copy(folder)
    file = root / "analysis" / "runs" / "plan.toml"
    before, _, _ = file.read_text().partition("[[runs]]")
    shutil.rmtree(root / "notebooks")
    (root / "notebooks").mkdir()
    for part in checkout.RESULTS:
        shutil.rmtree(root / part)
        (root / part).mkdir()
    runs = []
    for number in range(1, 9):
        name = f"short-{number}"
        before += PLAN.format(number=number)
        sources = [source.replace("{number}", str(number)) for source in SHORT]
        cells = [nbformat.v4.new_code_cell(source, id=f"c{at}") for at, source in enumerate(sources)]
        cells[0].metadata["tags"] = ["parameters"]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")
        runs.append(Run(name, name, {"study": plain.STUDY}, (), ()))
    file.write_text(before)
    return Sequence("Eight short notebooks", root, runs).written()


def ways(sequence):
    """Each way: whether notebooks are apart, and commands, those in a tuple side by side; and what is set."""
    python, paths, floor = sys.executable, sequence.paths, str(sequence.folder / "floor.py")
    forked, none = {CHOSEN: "forked"}, {}

    def way(name, some=paths):
        return [python, str(WAYS), name, *some]

    nbval = [python, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--nbval-lax"]
    nbval += ["--nbval-current-env", *paths]
    convert = [python, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir"]
    convert += [str(sequence.root / "converted"), *paths]
    papermill = [[python, "-m", "papermill", "-k", "python3", path, f"{path}.out"] for path in paths]
    reproduce = [python, "-m", "analysis", "reproduce", plain.STUDY]
    apart, together = "a process each", "one for all"
    return {
        FLOOR: (together, [[python, floor]], none),
        IMPORTS: (together, [way("imports")], none),
        "the same, forked for each notebook after importing once": (apart, [way("forks")], none),
        "the same, each notebook from nothing": (
            apart,
            [[python, floor, run.name] for run in sequence.runs],
            none,
        ),
        OURS: (apart, [reproduce], none),
        BOTH: (apart, [[*reproduce, "--jobs", "2"]], none),
        "`make reproduce OPTIONS=--cold`": (apart, [[*reproduce, "--cold"]], none),
        "`make reproduce OPTIONS=--cold JOBS=2`": (apart, [[*reproduce, "--cold", "--jobs", "2"]], none),
        "papermill's function": (apart, [way("papermill")], none),
        "papermill's function, forked kernels": (apart, [way("papermill")], forked),
        "papermill's function, notebooks saved once": (apart, [way("papermill_saved_once")], none),
        "papermill's function, in two processes": (
            apart,
            [(way("papermill", paths[::2]), way("papermill", paths[1::2]))],
            none,
        ),
        "papermill's command line": (apart, papermill, none),
        "nbclient": (apart, [way("nbclient")], none),
        "nbclient, forked kernels": (apart, [way("nbclient")], forked),
        "nbconvert --execute": (apart, [convert], none),
        "nbval": (apart, [nbval], none),
        "nbval, forked kernels": (apart, [nbval], forked),
        "ploomber-engine": (together, [way("ploomber")], {"PYTHONPATH": f"{sequence.root}:{OTHERS}"}),
    }


def timed(sequence, commands, more):
    """The seconds that commands take, one after the other."""
    with tempfile.TemporaryDirectory() as place:
        env = environment(sequence.root, Path(place)) | {"ANALYSIS_RESULTS": str(sequence.root / "place")}
        env |= {"PLOOMBER_STATS_ENABLED": "false"} | more
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        start = time.perf_counter()
        for command in commands:
            beside = command if isinstance(command, tuple) else (command,)
            started = [subprocess.Popen(one, cwd=sequence.root, env=env, **quiet) for one in beside]
            for process in started:
                said, _ = process.communicate()
                if process.returncode:
                    raise SystemExit(f"{' '.join(process.args)}\n{said}")
        return time.perf_counter() - start


def measured(sequence, rounds, only):
    """The seconds of each way in each round."""
    found = {name: way for name, way in ways(sequence).items() if name in only}
    seconds = {name: [] for name in found}
    for number in range(rounds):
        names = [*found]
        for name in names[number % len(names) :] + names[: number % len(names)]:
            _, commands, more = found[name]
            seconds[name].append(timed(sequence, commands, more))
            print(f"{sequence.about}, round {number + 1}: {name}: {seconds[name][-1]:.2f} s", flush=True)
    return seconds


def spent(sequence):
    """What the seconds of one `make reproduce` go into, by what it tells of itself."""
    with tempfile.TemporaryDirectory() as place:
        env = environment(sequence.root, Path(place))
        command = [sys.executable, "-m", "analysis", "reproduce", plain.STUDY, "--json"]
        start = at = time.perf_counter()
        parts = dict.fromkeys(
            (
                "the command itself, until kernels are asked for",
                "imports, until the first cell begins",
                "notebooks, each from its first cell until it is completed",
                "from there to the first cell of the next",
                "records, and putting results in place",
            ),
            0.0,
        )
        names, begun = [*parts], False
        with subprocess.Popen(
            command, cwd=sequence.root, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            cell = False
            for line in process.stdout:
                event, now = json.loads(line), time.perf_counter()
                if event["event"] == "output":
                    continue
                which = 0 if event["event"] == "begun" else 2 if cell else 3 if begun else 1
                parts[names[which]] += now - at
                cell, begun, at = event["event"] == "cell", begun or event["event"] == "cell", now
                if event["event"] == "completed" and event["number"] == len(sequence.runs):
                    break
            process.stdout.read()
        parts[names[-1]] = time.perf_counter() - at
    return parts | {"in all": time.perf_counter() - start}


# ---- the page ----------------------------------------------------------------------------------------------


def table(head, rows):
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in [head, ["---"] * len(head), *rows])


def ratios(seconds):
    """Each way's median as a ratio to the floor's, and the least and the most of a round's own."""
    floor = seconds[FLOOR]
    return {
        name: (
            statistics.median(found) / statistics.median(floor),
            min(map(lambda one, base: one / base, found, floor)),
            max(map(lambda one, base: one / base, found, floor)),
        )
        for name, found in seconds.items()
    }


def section(sequence, seconds, parts):
    """What was measured of a sequence, as a part of the page."""
    found, known = ratios(seconds), ways(sequence)
    floor = statistics.median(seconds[FLOOR])
    yield f"## {sequence.about}: {len(sequence.runs)} notebooks"
    rows = [
        [
            name,
            known[name][0],
            f"{statistics.median(seconds[name]):.2f}",
            f"**{ratio:.2f}**",
            f"{least:.2f} to {most:.2f}",
        ]
        for name, (ratio, least, most) in sorted(found.items(), key=lambda item: item[1][0])
    ]
    yield table(["way", "processes", "seconds", "ratio to the floor", "in single rounds"], rows)
    for name, goal in GOALS.items():
        verdict = "reached" if found[name][0] <= goal else "not reached"
        yield f"The goal for {name}, at most {goal} of the floor: {verdict}, with {found[name][0]:.2f}."
    imports = statistics.median(seconds[IMPORTS])
    least = (imports + (floor - imports) / 2) / floor
    yield f"""Nothing that imports once, and then does the rest in two processes at no cost whatever, can be
below {least:.2f} of the floor, as {imports:.2f} of its {floor:.2f} seconds are imports."""
    yield f"What the seconds of one {OURS} went into, in a run of its own, where the floor takes {floor:.2f}:"
    yield table(["part", "seconds"], [[name, f"{value:.2f}"] for name, value in parts.items()])


def machine(packages):
    """What this was measured on and with."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = psutil.virtual_memory().total / 1024**3
    yield f"{model}, {os.cpu_count()} cores, {memory:.0f} GB of memory,"
    yield f"{platform.system()} {platform.release()}, Python {platform.python_version()}."
    path = [*sys.path, str(OTHERS)]
    found = {
        one.name.lower().replace("_", "-"): one.version for one in importlib.metadata.distributions(path=path)
    }
    yield "Versions: " + ", ".join(f"{name} {found.get(name, 'not there')}" for name in packages) + "."


def page(rounds, parts):
    """The whole page, as text."""
    blocks = [
        "# How long a sequence of notebooks takes",
        "Written by `make bench`; nothing here is typed by hand.",
        "\n".join(machine(PACKAGES)),
        METHOD.format(rounds=rounds),
        *parts,
    ]
    return "\n\n".join(blocks) + "\n"


def main():
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    parts = []
    for number, make in enumerate((the_study, eight_short)):
        with tempfile.TemporaryDirectory() as folder:
            sequence = make(Path(folder))
            slow = () if number else ("papermill's c", "papermill's function,", "nb", "ploomber")
            only = [name for name in ways(sequence) if not name.startswith(slow)]
            parts += section(sequence, measured(sequence, rounds, only), spent(sequence))
    PAGE.write_text(page(rounds, parts), encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
