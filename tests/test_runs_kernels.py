"""Kernels that are forked from one process: as separate as ordinary ones, and nothing to tell them apart."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client import KernelManager
from suite import DERIVED, FAILED, GOOD, NOT, OK, PARAMETERS

from analysis import ROOT
from analysis.runs.processes import CHOSEN, FORKS, Nursery

pytestmark = pytest.mark.skipif(not FORKS, reason="this system cannot fork processes that have imported much")
NURSERY = "print(b'analysis.runs.nursery' in open(f'/proc/{os.getppid()}/cmdline', 'rb').read())"
SHOWN = f"{DERIVED}/notebooks/2-second.ipynb"
EVERYTHING = """
from analysis import study
from analysis.audit import claims
from analysis.measures import activities, agreement, prevalence, robustness, saturation, wording
from analysis.outputs import charts, paper, reading, results
"""
LOOKS = [
    "import os, sys, pandas as pd, matplotlib, matplotlib.pyplot as plt, seaborn as sns",
    "frame = pd.DataFrame({f'c{i}': range(100) for i in range(30)})\nframe",
    "pd.get_option('display.max_columns'), pd.get_option('display.width'), pd.get_option('display.max_rows')",
    "plt.rcParams['backend'], matplotlib.get_backend(), plt.isinteractive()",
    "plt.plot([1, 3, 2])\nplt.title('inline')",
    "sns.barplot(x=['a', 'b'], y=[1, 2])",
    "print('out'); print('err', file=sys.stderr)",
    "!echo a shell",
    "%who",
    "sys.path, sys.flags, [one for one in sys.argv[1:] if not one.endswith('.json')], __name__",
    "sorted((k, v) for k, v in os.environ.items() if k not in ('JPY_PARENT_PID', 'IPYTHONDIR'))",
    "import signal, resource, threading, locale, gc, re, warnings",
    "signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGCHLD)",
    "resource.getrlimit(resource.RLIMIT_NOFILE), os.umask(0o22), locale.getlocale(), gc.get_threshold()",
    "sorted(re.sub(r'\\d+', '', one.name) for one in threading.enumerate())",
    "os.getsid(0) == os.getpgid(0) == os.getpid()",
    "sorted(map(str, warnings.filters))",
    "os.getcwd(), hash('a'), sys.stdin, sys.getrecursionlimit(), sys.getswitchinterval()",
    "plt.rcParams, pd.describe_option(_print_desc=False)",
]
DIRTY = """
import os, random
import matplotlib, numpy, pandas, nltk
matplotlib.rcParams["font.size"] = 33
pandas.set_option("display.max_rows", 7)
os.environ["DIRTY"] = "yes"
os.chdir("/")
random.seed(1)
numpy.random.seed(1)
nltk.__version__ = "changed"
import analysis.outputs.place
analysis.outputs.place.CALIBRATED = "changed"
analysis.CACHE = {"a": 1}
from analysis.runs.specification import specification
specification()["a cached table"] = "changed"
"""
SEES = """
import os, sys, json, random
from analysis.runs.specification import specification
import matplotlib, numpy, pandas, nltk, analysis, analysis.outputs.place
print(json.dumps({
    "rcParams": matplotlib.rcParams["font.size"],
    "options": pandas.get_option("display.max_rows"),
    "environment": os.environ.get("DIRTY"),
    "directory": os.path.basename(os.getcwd()),
    "state": int(numpy.random.get_state()[1][0]) == 1,
    "attribute": nltk.__version__ == "changed",
    "module": analysis.outputs.place.CALIBRATED,
    "cache": hasattr(analysis, "CACHE") or "a cached table" in specification(),
    "random": random.getstate() == random.Random(1).getstate(),
}))
"""
DRAWS = """
import random, uuid, numpy
print(random.random(), numpy.random.rand(), numpy.random.default_rng().random(), uuid.uuid4())
"""
SEEDED = """
random.seed(7); numpy.random.seed(7)
print(random.random(), numpy.random.rand(), numpy.random.default_rng(7).random())
"""


def printed(suite, run, at=-1):
    """What a cell of an executed notebook printed."""
    cells = nbformat.read(suite.folder / DERIVED / "notebooks" / f"{run}.ipynb", as_version=4).cells
    return "".join(output.text for output in cells[at].outputs if output.output_type == "stream")


@pytest.mark.slow
def test_an_executed_notebook_has_the_same_bytes_from_either_kernel(suite):
    """Also where what another notebook imports has been imported, and this one has nothing to do with it."""
    suite.notebook("first", *GOOD["first"], EVERYTHING)
    suite.notebook("second", *GOOD["second"], *LOOKS)
    found = {}
    for way in ((), ("--cold",)):
        done = suite.run(*way)
        assert done.returncode == 0, done.stderr
        found[way] = suite.hashes(), (suite.folder / SHOWN).read_text()
    assert found[()][1] == found[("--cold",)][1]
    assert found[()] == found[("--cold",)]
    assert "image/png" in found[()][1]


@pytest.mark.slow
def test_a_kernel_is_forked_unless_it_is_to_start_from_nothing(suite):
    suite.notebook("second", *GOOD["second"], f"import os; {NURSERY}")
    for way, forked in (((), "True\n"), (("--cold",), "False\n")):
        assert suite.run(*way).returncode == 0
        assert printed(suite, "2-second") == forked
        local = json.loads((suite.folder / DERIVED / "run.local.json").read_text())
        assert (local["kernels"] == "forked") == (not way)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_that_a_notebook_changes_is_seen_by_the_next(suite, jobs):
    suite.notebook("first", f"{PARAMETERS}\ndepth: int = 1", GOOD["first"][1], DIRTY)
    suite.notebook("second", *GOOD["second"], SEES)
    suite.notebook("third", *GOOD["third"], SEES)
    assert suite.run("--jobs", jobs).returncode == 0
    for run in ("2-second", "3-third"):
        assert json.loads(printed(suite, run)) == {
            "rcParams": 10.0,
            "options": 60,
            "environment": None,
            "directory": run,
            "state": False,
            "attribute": False,
            "module": "docs/calibration.csv",
            "cache": False,
            "random": False,
        }


def test_two_kernels_draw_different_numbers_unless_they_are_seeded(suite):
    suite.notebook("first", f"{PARAMETERS}\ndepth: int = 1", GOOD["first"][1], DRAWS, SEEDED)
    suite.notebook("second", *GOOD["second"], DRAWS, SEEDED)
    assert suite.run().returncode == 0
    first, second = (printed(suite, run, -2).split() for run in ("1-first", "2-second"))
    assert len(first) == 4
    assert not {*first} & {*second}
    assert printed(suite, "1-first") == printed(suite, "2-second") != ""


@pytest.fixture
def nursery(monkeypatch):
    """A nursery that kernels of this process are forked from."""
    made = Nursery(ROOT)
    monkeypatch.setenv(CHOSEN, "forked")
    monkeypatch.setattr("analysis.runs.kernels._requests", lambda: made.requests)
    yield made
    made.end(1)


@pytest.fixture
def kernel(nursery):
    """A kernel of it, and a client, as any program of Jupyter's has them."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    assert nursery.process.poll() is None
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(60)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def says(client, code):
    """What code prints, or the name of its error."""
    text = []
    reply = client.execute_interactive(
        code, timeout=60, output_hook=lambda message: text.append(message["content"].get("text", ""))
    )
    return "".join(text) or reply["content"].get("ename", "")


def open_in(pid):
    """What a process has open, but for its standard streams."""
    folder = Path(f"/proc/{pid}/fd")
    return {str(one.readlink()) for one in folder.iterdir() if int(one.name) > 2}


def test_no_thread_no_open_file_and_no_context_of_zmq_crosses_the_fork(nursery, kernel):
    manager, client = kernel
    keeper = psutil.Process(manager.provisioner.pid).parent()
    assert keeper.parent().pid == nursery.process.pid
    assert says(client, "print(6 * 7)") == "42\n"
    for process in (keeper.pid, nursery.process.pid):
        assert len([*Path(f"/proc/{process}/task").iterdir()]) == 1, "no thread that a fork could lose"
        assert not [name for name in open_in(process) if "event" in name], "nor anything of zmq's"
    inherited = open_in(keeper.pid) | open_in(nursery.process.pid)
    assert not open_in(manager.provisioner.pid) & inherited
    for line in Path(f"/proc/{manager.provisioner.pid}/maps").read_text().splitlines():
        assert " rw-s " not in line or "/dev/zero" in line, "and no memory is shared that can be written"


def test_a_forked_kernel_is_interrupted_restarted_and_shut_down_like_any_other(kernel):
    manager, client = kernel
    says(client, "x = 1")
    pid = manager.provisioner.pid
    asleep = "print('begun'); import time; time.sleep(60)"
    client.execute(asleep, stop_on_error=False)  # else a kernel drops what comes right after an error
    while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=60)["content"]["ename"] == "KeyboardInterrupt"
    assert says(client, "print(x)") == "1\n"
    manager.restart_kernel(now=True)
    client.wait_for_ready(60)
    assert manager.provisioner.pid != pid
    assert not psutil.pid_exists(pid)
    assert says(client, "x") == "NameError"
    assert says(client, f"import os; {NURSERY}") == "False\n", (
        "clients know where the first one was to be reached"
    )
    assert manager.is_alive()
    manager.shutdown_kernel()
    assert not manager.is_alive()


@pytest.mark.usefixtures("nursery")
@pytest.mark.parametrize("options", [["--matplotlib=agg"], ["--IPKernelApp.log_level=10"]])
def test_a_kernel_with_options_of_its_own_is_an_ordinary_one(options):
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(extra_arguments=options)
    assert psutil.Process(manager.provisioner.pid).ppid() == os.getpid()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_papermill_alone_forks_kernels_when_it_is_told_to(tmp_path):
    (tmp_path / "below").mkdir()
    cells = [nbformat.v4.new_code_cell(f"import os; {NURSERY}; print(os.path.basename(os.getcwd()))", id="a")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "in.ipynb")
    command = [
        sys.executable,
        "-m",
        "papermill",
        "--kernel",
        "python3",
        "in.ipynb",
        "out.ipynb",
        "--cwd",
        "below",
    ]
    subprocess.run(
        command, cwd=tmp_path, env=os.environ | {CHOSEN: "forked"}, check=True, capture_output=True
    )
    (cell,) = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    assert cell.outputs[0].text == "True\nbelow\n"


@pytest.mark.faults
@pytest.mark.parametrize(
    ("leaves", "jobs"),
    [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
            "1",
        ),
        ("file = open(__file__)", "2"),
        ("import zmq\nsocket = zmq.Context.instance().socket(zmq.PUB)", "1"),
        ("import numpy\nstream = numpy.random.default_rng()", "1"),
        ("import matplotlib.pyplot as plt\nplt.close(plt.figure())", "1"),
        ("print('at import')", "1"),
        ("import warnings\nwarnings.warn('at import')", "1"),
    ],
)
def test_where_forking_would_share_or_lose_something_kernels_are_ordinary_and_that_is_said_once(
    suite, leaves, jobs
):
    before = suite.hashes()
    (suite.folder / "analysis" / "leaves.py").write_text(leaves)
    suite.notebook("second", *GOOD["second"], "from analysis import leaves", f"import os; {NURSERY}")
    done = suite.run("--jobs", jobs)
    assert done.returncode == 0, done.stderr
    says = "Kernels start in the ordinary way, which takes longer: what the notebooks import "
    assert done.stdout.count(says) == 1
    assert done.stdout.count("ordinary") == 1
    assert printed(suite, "2-second") == "False\n"
    assert suite.processes() == []
    (suite.folder / "analysis" / "leaves.py").unlink()
    suite.works_again(before)


@pytest.mark.slow
def test_where_a_system_cannot_fork_that_is_said_once(suite):
    before = suite.hashes()
    module = suite.folder / "analysis" / "runs" / "processes.py"
    text = module.read_text()
    module.write_text(re.sub(r"^FORKS = .*$", "FORKS = False", text, flags=re.MULTILINE))
    done = suite.run("--jobs", "2")
    assert done.returncode == 0, done.stderr
    says = "Kernels start in the ordinary way, which takes longer: this system cannot fork"
    assert done.stdout.count(says) == 1
    assert suite.named("nursery") == []
    module.write_text(text)
    suite.works_again(before)


def test_a_module_that_cannot_be_imported_is_the_notebook_s_own_trouble(suite):
    (suite.folder / "analysis" / "broken.py").write_text("raise RuntimeError('broken')")
    suite.notebook("second", *GOOD["second"], "from analysis import broken")
    done = suite.run()
    assert done.stderr.startswith("failed: 2-second, code cell 5: RuntimeError: broken"), done.stderr
    assert suite.states(failed=True) == {"1-first": OK, "2-second": FAILED, "3-third": NOT}


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.4, 0.8, 1.1, 1.2, 1.3, 1.4, 1.5, 1.7])
def test_a_nursery_that_nobody_asks_any_more_ends_with_all_it_has_forked(seconds):
    made = Nursery(ROOT)
    time.sleep(seconds)
    seen = psutil.Process(made.process.pid).children(recursive=True)
    made.requests.close()
    made.process.wait(30)
    assert not [one for one in seen if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    made.end()


@pytest.mark.faults
def test_a_nursery_that_was_stopped_early_leaves_nothing(suite):
    for seconds in (0.3, 0.6, 0.9, 1.2):
        process = suite.start()
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        suite.end(process)
        suite.until(lambda: not suite.processes(), seconds=10)


@pytest.mark.faults
def test_code_that_changes_after_it_was_imported_and_before_it_was_recorded_is_imported_again(suite):
    fact = suite.folder / "analysis" / "fact.py"
    fact.write_text("X = 'old'\n")
    suite.notebook("second", *GOOD["second"], "from analysis import fact; print(fact.X)")
    process = suite.start()
    (nursery,) = suite.until(lambda: suite.named("analysis.runs.nursery"))
    os.kill(process.pid, signal.SIGSTOP)
    suite.until(nursery.children)
    fact.write_text("X = 'new'\n")
    os.kill(process.pid, signal.SIGCONT)
    assert suite.end(process).returncode == 0
    assert printed(suite, "2-second") == "new\n"


@pytest.mark.faults
def test_a_kernel_that_ends_while_it_waits_is_made_up_for(suite):
    suite.notebook("first", *GOOD["first"], suite.until_told)
    process = suite.start()
    working = psutil.Process(suite.until_asleep())
    nursery = working.parent().parent()

    def ready():
        keepers = [one for one in nursery.children() if one.pid != working.ppid()]
        return [kernel for keeper in keepers for kernel in keeper.children()]

    (waiting,) = suite.until(ready)
    time.sleep(0.5)
    waiting.kill()
    suite.go()
    done = suite.end(process)
    assert done.returncode == 0, done.stderr
    assert (
        "Kernels start in the ordinary way, which takes longer: the kernel that was ready has" in done.stdout
    )


@pytest.mark.faults
def test_a_keeper_that_ends_while_it_waits_is_followed_by_another(suite):
    suite.notebook("first", *GOOD["first"], suite.until_told)
    process = suite.start()
    working = psutil.Process(suite.until_asleep())
    nursery = working.parent().parent()
    (waiting,) = suite.until(lambda: [one for one in nursery.children() if one.pid != working.ppid()])
    time.sleep(0.5)
    waiting.kill()
    suite.until(lambda: [one for one in nursery.children() if one.pid not in (working.ppid(), waiting.pid)])
    suite.go()
    done = suite.end(process)
    assert done.returncode == 0, done.stderr
    assert "ordinary" not in done.stdout
    assert suite.processes() == []


@pytest.mark.faults
def test_what_a_cell_has_started_cannot_write_after_its_keeper_was_killed(suite):
    before = suite.hashes()
    late = (
        'import subprocess, sys\ncode = \'import os, signal, sys, time; file = open(sys.argv[1], "a"); '
        'os.kill(int(sys.argv[2]), signal.SIGKILL); time.sleep(1); file.write("late")\'\n'
        f"_ = subprocess.Popen([sys.executable, '-c', code, str(out / '{DERIVED}/second.csv'), "
        "str(os.getppid())], start_new_session=True)\nimport time; time.sleep(0.5)"
    )
    suite.notebook("second", *GOOD["second"], late)
    suite.notebook("third", *GOOD["third"], "import time; time.sleep(2)")
    done = suite.run()
    assert done.returncode == 1
    assert done.stderr.startswith("failed: 2-second, "), done.stderr
    assert suite.hashes() == before
    assert suite.processes() == []
