"""A small suite of three notebooks in a folder of its own, to see what becomes of it when things go wrong."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid

import nbformat
import psutil
import wards

from analysis import ROOT
from analysis.runs.processes import CHOSEN

STUDY = "wards"
WRITE = "import os, pathlib\nout = pathlib.Path(os.environ['ANALYSIS_RESULTS'])\n"
DERIVED = f"data/derived/{STUDY}"
PLAN = """
[limits]
cell_seconds = {cell_seconds}
run_seconds = {run_seconds}
[parameters.study]
type = "str"
help = "a folder of data/raw/"
[parameters.depth]
type = "int"
default = 1
help = "how deep"
[[runs]]
name = "1-first"
notebook = "first"
takes = ["depth"]
writes = ["first"]
[[runs]]
name = "2-second"
notebook = "second"
writes = ["second"]
draws = ["second"]
[[runs]]
name = "3-third"
notebook = "third"
reads = ["first.csv", "notebooks/*.ipynb"]
writes = ["third"]
"""
EARLIER = "the last good output"
OK, FAILED, NOT = "completed", "failed", "not run"
NEVER = "print('never run')"
PARAMETERS = f'study: str = "{STUDY}"'


def writing(name, *more):
    """A cell that writes a table, and perhaps more."""
    paths = [f"{DERIVED}/{name}.csv", *more]
    lines = [f"p = out / '{path}'; p.parent.mkdir(parents=True, exist_ok=True)" for path in paths]
    return WRITE + "\n".join(f"{line}; _ = p.write_text('{name}\\n')" for line in lines)


GOOD = {
    "first": [f"{PARAMETERS}\ndepth: int = 1", writing("first"), "1 + 1"],
    "second": [
        PARAMETERS,
        writing("second", *(f"figures/{STUDY}/second.{kind}" for kind in ("png", "svg"))),
        "2",
    ],
    "third": [PARAMETERS, writing("third"), f"print((out / '{DERIVED}/first.csv').read_text())"],
}


# Tests in the background would pass on that Ctrl-C, or the end of the terminal, is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Suite:
    """The folder, what is in it, and commands run in it for real."""

    def __init__(self, folder):
        self.folder, self.mark, self.options = folder, uuid.uuid4().hex, ()

    @property
    def failed(self):
        """Where what is left of an unfinished sequence is kept."""
        return self.folder / "scratch" / "failed" / STUDY

    @classmethod
    def made(cls, folder):
        """A suite with the results of one good run."""
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "analysis", folder / "analysis", ignore=ignore)
        shutil.copy(ROOT / "requirements.lock", folder)
        wards.write(folder / "data" / "raw")
        suite = cls(folder)
        suite.plan()
        for name, sources in GOOD.items():
            suite.notebook(name, *sources)
        done = suite.run()
        assert done.returncode == 0, done.stderr
        return suite

    def copied(self, folder):
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Suite(folder)

    def plan(self, cell_seconds=60, run_seconds=120):
        text = PLAN.format(cell_seconds=cell_seconds, run_seconds=run_seconds)
        (self.folder / "analysis/runs/plan.toml").write_text(text)

    def notebook(self, name, *sources):
        cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources, start=1)]
        cells[0].metadata["tags"] = ["parameters"]
        (self.folder / "notebooks").mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), self.folder / "notebooks" / f"{name}.ipynb")

    def start(self, *words, env=None, **options):
        """The command, under way; in a session of its own, as Ctrl-C goes to all of a terminal's."""
        ours = {n: v for n, v in os.environ.items() if not n.startswith(("ANALYSIS", "PYTEST"))}
        ours |= {"SUITE_UNDER_TEST": self.mark, "HOME": str(self.folder / "home")}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            [sys.executable, "-m", "analysis", "reproduce", STUDY, *self.options, *words],
            cwd=self.folder,
            env=ours | (env or {}),
            start_new_session=True,
            **streams | options,
        )

    def run(self, *words, **options):
        return self.end(self.start(*words, **options))

    @staticmethod
    def end(process, seconds=180):
        out, err = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def processes(self):
        """Whatever of this suite is alive."""
        alive = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.environ().get("SUITE_UNDER_TEST") == self.mark
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(process)
        return alive

    def named(self, text):
        """The processes of this suite whose command line has the text."""
        found = []
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if text in " ".join(process.cmdline()):
                    found.append(process)
        return found

    def until(self, holds, seconds=60):
        """Wait until something holds; what it gave."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := holds():
                return found
            time.sleep(0.02)
        raise AssertionError("it never came to hold")

    def until_asleep(self):
        """Wait until the sleeping cell sleeps, and give its kernel's process id."""
        path = self.folder / "asleep"
        pid = int(self.until(lambda: path.exists() and path.read_text()))
        path.unlink()
        return pid

    @property
    def sleep(self):
        """A cell that says that it sleeps, and sleeps."""
        told = f"pathlib.Path('{self.folder}/asleep').write_text(str(os.getpid()))"
        return f"import os, pathlib, time\n{told}\ntime.sleep(600)"

    @property
    def until_told(self):
        """A cell that says that it sleeps, and sleeps until `go` is called."""
        return self.sleep.replace(
            "time.sleep(600)", f"while not os.path.exists('{self.folder}/go'): time.sleep(0.05)"
        )

    def go(self):
        """Let the cell go on that waits."""
        (self.folder / "go").touch()

    @staticmethod
    def until_said(process, text):
        """Wait until the command has printed a line with the text."""
        for line in process.stdout:
            if text in line:
                return line
        raise AssertionError(f"it never said: {text}")

    def hashes(self):
        """Every result, the record included and what is only of this machine left out."""
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for part in (DERIVED, f"figures/{STUDY}")
            for path in (self.folder / part).rglob("*")
            if path.is_file() and path.name != "run.local.json"
        }

    def record(self, failed=False):
        place = self.failed if failed else self.folder / DERIVED
        return json.loads((place / "run.json").read_text())

    def states(self, failed=False):
        return {run["run"]: run["state"] for run in self.record(failed)["runs"]}

    def cells(self, run, failed=False):
        (found,) = [entry for entry in self.record(failed)["runs"] if entry["run"] == run]
        return found["cells"]

    def stock(self, name, timeout=None, until=None, tries=3, **options):
        """What papermill alone makes of a notebook: its exit code, and the notebook that it leaves.

        `until` is what to do to it once the sleeping cell sleeps.
        """
        out = self.folder / "stock.ipynb"
        out.write_text(EARLIER)
        code = (
            f"import papermill; papermill.execute_notebook('notebooks/{name}.ipynb', 'stock.ipynb', "
            f"kernel_name='python3', progress_bar=False, execution_timeout={timeout}, cwd='.')"
        )
        stock = {name: value for name, value in os.environ.items() if name != CHOSEN}
        env = stock | {"SUITE_UNDER_TEST": self.mark, "ANALYSIS_RESULTS": str(self.folder / "stock")}
        said = self.folder / "stock.stderr"
        with said.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=self.folder,
                env=env,
                stderr=stderr,
                start_new_session=True,
                **options,
            )
        if until:
            try:
                asleep = self.until_asleep()
            except AssertionError:
                self.kill()
                if tries == 1:
                    raise
                return self.stock(name, timeout, until, tries - 1, **options)
            until(process, asleep)
        process.wait(120)
        # Its kernels listen on ports, and another's may have taken one first: such a kernel never answers.
        if tries > 1 and re.search(
            "before replying to kernel_info|respond in [0-9]+ seconds", said.read_text()
        ):
            return self.stock(name, timeout, until, tries - 1, **options)
        text = out.read_text()
        statuses = []
        if text not in ("", EARLIER):
            with contextlib.suppress(ValueError):
                cells = json.loads(text)["cells"]
                code = [cell for cell in cells if cell["cell_type"] == "code"]
                statuses = [cell["metadata"]["papermill"]["status"] for cell in code]
        return process.returncode, text, statuses

    def works_again(self, before):
        """The next run gives what the first one gave, and then nothing is left running."""
        self.plan()
        for name, sources in GOOD.items():
            self.notebook(name, *sources)
        again = self.run()
        assert again.returncode == 0, again.stderr
        assert self.hashes() == before
        assert self.processes() == []
        return again

    def kill(self):
        """End whatever is left; only for a test that failed."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
