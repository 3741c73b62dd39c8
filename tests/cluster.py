"""A Spark cluster on this machine: a standalone master, two workers and a Spark Connect server.

Everything is bound to 127.0.0.1, writes below one folder, and ends with the tests. A client is a process of
its own (`tests/cluster/asked.py`), as a notebook's kernel is: one process cannot have both kinds of session.

What Spark does by itself with an address, measured with Spark 4.3 on two cores, and why
`analysis/study/engines.py` waits for less:

- nobody listens, `spark://`: three attempts of 20 s that no setting shortens, then an error of Java's (74 s);
- nobody listens, `sc://`: a session at once, and the first query tries again for more than 280 s;
- another program listens: `spark://` as above (71 s), `sc://` more than 280 s;
- all cores are taken by others: a session at once, and the first query waits without end.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pandas as pd
import psutil

from analysis import ROOT

PLACE = ROOT / ".venv" / "cluster"
SPARK = PLACE / "pyspark"
CLIENT = ROOT / "tests" / "cluster" / "asked.py"
SECONDS = 120  # until all are there: Java starts slowly on a machine under load
SETTINGS = """
spark.ui.enabled            false
spark.driver.memory         600m
spark.executor.memory       768m
spark.master.rest.enabled   false
spark.sql.shuffle.partitions 4
spark.eventLog.enabled      true
spark.eventLog.dir          file:{events}
spark.eventLog.compress     false
spark.eventLog.rolling.enabled false
"""
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


class Cluster:
    """A master and workers, each a process."""

    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "conf").mkdir()
        (self.folder / "events").mkdir()
        settings = SETTINGS.format(events=self.folder / "events")
        (self.folder / "conf" / "spark-defaults.conf").write_text(settings, encoding="utf-8")
        self.processes, self.workers = [], []
        self.address = ""

    def start(self, workers):
        """Start the master and so many workers, and wait until it knows them."""
        command = ["spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
        _, said = self.begun([*command, "--port", "0", "--webui-port", "0"], r"New state: ALIVE")
        self.address = re.search(r"Starting Spark master at (spark://\S+)", said)[1]
        self.page = (
            f"http://127.0.0.1:{re.search(r'MasterWebUI.* started at http://.*:([0-9]+)', said)[1]}/json/"
        )
        self.complete(workers)

    def complete(self, workers):
        """Start workers until there are so many."""
        self.workers = [one for one in self.workers if alive(one)]
        for _ in range(workers - len(self.workers)):
            command = ["spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1"]
            command += ["--webui-port", "0", "--cores", "1", "--memory", "1g"]
            command += ["--work-dir", self.folder / "work", self.address]
            self.workers.append(self.begun(command, r"Successfully registered with master")[0])

    def state(self):
        """What the master says of its workers and applications."""
        with build_opener(ProxyHandler({})).open(self.page, timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def events(self):
        """All that Spark has noted of the application that was begun last, in the order in which it was."""
        last = max((self.folder / "events").iterdir(), key=lambda path: path.stat().st_mtime)
        return [json.loads(line) for line in last.read_text(encoding="utf-8").splitlines()]

    def begun(self, command, ready):
        """A process of Spark's that has said it is ready, and what it has said until then.

        It ends with the tests, however they end.
        """
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as file:
            process = psutil.Popen(
                ["setpriv", "--pdeathsig", "TERM", SPARK / "bin" / command[0], *command[1:]],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and process.poll() is None:
            said = log.read_text(encoding="utf-8")
            if re.search(ready, said):
                return process, said
            time.sleep(0.1)
        raise RuntimeError(f"Spark did not start:\n{log.read_text(encoding='utf-8')}")

    def environment(self):
        """What processes of this cluster and its clients find in their environment."""
        kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}
        return kept | {
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "SPARK_DAEMON_MEMORY": "600m",
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, PLACE))),
            "SPARK_HOME": str(SPARK),
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
        }

    @contextmanager
    def connect(self):
        """The address of a Spark Connect server that has taken the whole cluster."""
        command = ["spark-submit", "--class", SERVER, "--master", self.address]
        for name in ("spark.driver.host", "spark.driver.bindAddress", "spark.connect.grpc.binding.address"):
            command += ["--conf", f"{name}=127.0.0.1"]
        command += ["--conf", "spark.connect.grpc.binding.port=0", "spark-internal"]
        process, said = self.begun(command, r"Spark Connect server started at: \S+:[0-9]+")
        try:
            port = re.search(r"Spark Connect server started at: \S+:([0-9]+)", said)[1]
            yield f"sc://127.0.0.1:{port}"
        finally:
            end(process)

    @contextmanager
    def asking(self, study, out, address="", **more):
        """Ask for a study's tables in a process of its own, on the cluster at an address or else embedded."""
        command = [sys.executable, CLIENT, study, out]
        env = self.environment() | {"ANALYSIS_CLUSTER": address} | more
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with psutil.Popen(command, cwd=self.folder, env=env, **pipes) as process:
            try:
                yield process
            finally:
                end(process)

    def stop(self):
        for process in self.processes:
            end(process)


def told(process, out):
    """What a client printed line by line, the frames that it has kept, and the bytes of their CSV files."""
    lines = [json.loads(line) for line in process.stdout]
    failed = process.stderr.read()
    assert process.wait() == 0, failed
    assert not failed  # it would stand among what a cell shows
    kept = sorted(out.glob("*.pickle"))
    files = {path.stem: path.with_suffix(".csv").read_bytes() for path in kept}
    return lines, {path.stem: pd.read_pickle(path) for path in kept}, files  # noqa: S301 - own files


def end(process):
    """End a process and what it has started: executors outlive a worker that is killed for a while."""
    if process.poll() is not None:
        return
    started = process.children(recursive=True)
    process.terminate()
    _, left = psutil.wait_procs([process, *started], timeout=10)
    for one in left:
        one.kill()
    process.wait()


def alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def killed(process):
    """Take a worker and its executors away at once, as a machine does that loses its power."""
    gone = [process, *process.children(recursive=True)]
    for one in gone:
        one.send_signal(signal.SIGKILL)
    process.wait()
    psutil.wait_procs(gone, timeout=10)
    return gone


@contextmanager
def running(folder, workers=2):
    cluster = Cluster(folder)
    try:
        cluster.start(workers)
        yield cluster
    finally:
        cluster.stop()
