"""The same tables from a Spark cluster as from the engine in the process, and what is said without one."""

import importlib
import json
import shutil
import socket
import subprocess
import sys
import time

import cluster as spark
import duckdb
import pandas as pd
import pytest

from analysis import ROOT, SIMULATED
from analysis.study import engines, sampling

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not spark.SPARK.exists(), reason="no Spark here; make test-cluster installs it"),
]
TABLES = ("roster", "documents", "excerpts", "codings")
WHOLE = ("themes-borough", "themes-role_group", "tree", "cooccurrence", "keyness", "collocations")
"""What is counted of every excerpt, wherever it lies."""
IDLE = "does no work: its workers are busy or gone, or another program answers there"
OTHER = "cannot be reached (another program than Spark Connect answers there)"
STARTING = 60  # seconds that Python and Java may take to start and to end on a machine under load


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with spark.running(tmp_path_factory.mktemp("cluster")) as one:
        yield one


@pytest.fixture
def cluster(started):
    """Two workers, whatever the test before has done to them."""
    started.complete(2)
    return started


@pytest.fixture(params=["spark", "sc"])
def address(request, cluster):
    """The cluster's address, and that of a Spark Connect server on it."""
    if request.param == "spark":
        yield cluster.address
    else:
        with cluster.connect() as server:
            yield server


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The simulated study with its large tables in Parquet, each in two files."""
    folder = tmp_path_factory.mktemp("raw") / SIMULATED
    shutil.copytree(ROOT / "data" / "raw" / SIMULATED, folder)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = []
    for table in TABLES:
        (folder / table).mkdir()
        rows = duckdb.read_csv(str(folder / f"{table}.csv"))
        half = len(rows) // 2
        rows.limit(half).write_parquet(str(folder / table / "1.parquet"))
        rows.limit(len(rows), half).write_parquet(str(folder / table / "2.parquet"))
        (folder / f"{table}.csv").unlink()
        package["resources"].append({"name": table, "format": "parquet", "path": f"{table}/*.parquet"})
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A generated study, of which a sample comes into memory; in several files, for both workers."""
    folder = tmp_path_factory.mktemp("raw") / f"{SIMULATED}-large"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "tests" / "bench")
        generated = importlib.import_module("generated")
        patch.setattr(generated, "PEOPLE", 1_000)
        generated.write(folder, 100_000)
    return folder


def asked(cluster, folder, out, address="", **more):
    out.mkdir()
    with cluster.asking(folder, out, address, **more) as client:
        return spark.told(client, out)


def refused(cluster, folder, address, **more):
    """What a client says that gets no answer, and after how many seconds."""
    start = time.monotonic()
    with cluster.asking(folder, cluster.folder, address, **more) as client:
        _, failed = client.communicate()
    assert client.returncode == 1
    return failed.removesuffix("\n"), time.monotonic() - start


def same(one, other):
    """Frames to the last digit, and the bytes that are written of them."""
    for name in one[1] | other[1]:
        pd.testing.assert_frame_equal(one[1][name], other[1][name], check_exact=True)
    assert one[2] == other[2]


def test_the_simulated_study_has_the_same_tables_on_a_cluster_as_embedded(
    published, cluster, address, tmp_path
):
    embedded = asked(cluster, published, tmp_path / "embedded")
    assert {*WHOLE, *TABLES} <= {*embedded[1]}
    assert all(len(frame) for frame in embedded[1].values())
    same(asked(cluster, published, tmp_path / "cluster", address, ANEW="1"), embedded)


SAVING = """
import sys
from pyspark.sql import SparkSession
_, address, folder, *tables = sys.argv
session = SparkSession.builder.remote(address).getOrCreate()
for table in tables:
    session.read.parquet(f"{folder}/{table}").write.saveAsTable(f"survey_{table}")
"""


def test_tables_of_a_clusters_own_are_those_of_files(published, cluster, tmp_path):
    folder = tmp_path / SIMULATED
    shutil.copytree(published, folder, ignore=shutil.ignore_patterns(*TABLES))
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = [{"name": one, "format": "spark", "table": f"survey_{one}"} for one in TABLES]
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    embedded = asked(cluster, published, tmp_path / "embedded")
    with cluster.connect() as server:
        command = [sys.executable, "-c", SAVING, server, published, *TABLES]
        subprocess.run(command, cwd=cluster.folder, env=cluster.environment(), check=True)
        same(asked(cluster, folder, tmp_path / "cluster", server), embedded)


def test_parquet_files_of_a_study_give_the_tables_of_its_csv_files(published, cluster, tmp_path):
    _, frames, files = asked(cluster, published, tmp_path / "parquet")
    _, others, written = asked(cluster, ROOT / "data" / "raw" / SIMULATED, tmp_path / "csv")
    for name in {*WHOLE} - {"cooccurrence"}:  # counts fewer units in an engine, and says so
        pd.testing.assert_frame_equal(frames[name], others[name], check_exact=True)
        assert files[name] == written[name]


def executors(client, workers):
    """The process that works for each worker, and the port by which Spark knows it."""
    for line in client.stdout:
        known = json.loads(line)["running"]
        found = {}
        for process in filter(spark.alive, (child for worker in workers for child in worker.children())):
            ports = {str(one.laddr.port) for one in process.net_connections("tcp") if not one.raddr}
            if ports & {*known}:
                (found[process],) = ports & {*known}
        if len(found) == len(workers):
            return found
    raise AssertionError(f"the client ended before: {client.stderr.read()}")


def frozen_at_work(client, executor, ports):
    """Stop an executor while every executor has a task, and so that Spark still counts on its own."""
    asleep = 0.0
    for line in client.stdout:
        state = json.loads(line)
        at_work = {port for port, tasks in state["running"].items() if tasks}
        if not asleep and {*ports.values()} <= at_work:
            executor.suspend()
            asleep = time.time()
        elif asleep and state["at"] > asleep + 1:  # what was done before has been told by now
            if ports[executor] in at_work:
                return
            executor.resume()
            asleep = 0.0
    raise AssertionError(f"the client ended before: {client.stderr.read()}")


def without(port, events):
    """The tasks that Spark lost with the executor of a port, and those that ended well from then on."""
    added = [one["Block Manager ID"] for one in events if one["Event"] == "SparkListenerBlockManagerAdded"]
    (lost,) = {one["Executor ID"] for one in added if str(one["Port"]) == port}
    removed = [one.get("Executor ID") == lost and one["Event"].endswith("ExecutorRemoved") for one in events]
    ended = [(place, one) for place, one in enumerate(events) if one["Event"] == "SparkListenerTaskEnd"]
    fine = {place for place, one in ended if one["Task End Reason"]["Reason"] == "Success"}
    return (
        [one for place, one in ended if place not in fine and one["Task Info"]["Executor ID"] == lost],
        [one for place, one in ended if place in fine and place > removed.index(True)],
    )


def test_a_sampled_study_is_the_same_on_a_cluster_that_loses_a_worker_at_work(large, cluster, tmp_path):
    embedded = asked(cluster, large, tmp_path / "embedded")
    assert embedded[0][-1]["sampled"].startswith(f"{sampling.SIZE:,} of the ")
    out = tmp_path / "cluster"
    out.mkdir()
    with cluster.asking(large, out, cluster.address, WATCHED="1") as client:
        ports = executors(client, cluster.workers)
        executor = next(iter(ports))
        frozen_at_work(client, executor, ports)
        assert executor in spark.killed(cluster.workers[0])
        assert not any(map(spark.alive, (cluster.workers[0], executor)))
        found = spark.told(client, out)
    lost, rest = without(ports[executor], cluster.events())
    assert [task["Task End Reason"]["Reason"] for task in lost] == ["ExecutorLostFailure"]
    (other,) = {task["Task Info"]["Executor ID"] for task in rest}
    assert other != lost[0]["Task Info"]["Executor ID"]
    assert "DEAD" in {one["state"] for one in cluster.state()["workers"]}
    same(found, embedded)


def test_a_cluster_whose_workers_are_busy_is_given_up(published, cluster):
    with cluster.connect():
        said, seconds = refused(cluster, published, cluster.address, READY="40")
    assert said == f'the cluster "{cluster.address}" {IDLE}'
    assert seconds < 40 + STARTING


def test_a_cluster_whose_workers_are_gone_is_given_up(published, cluster):
    with cluster.connect() as address:
        for worker in cluster.workers:
            spark.killed(worker)
        said, seconds = refused(cluster, published, address, READY="20")
    assert said == f'the cluster "{address}" {IDLE}'
    assert seconds < 20 + STARTING


@pytest.mark.parametrize(("kind", "says"), [("spark", IDLE), ("sc", OTHER)])
def test_an_address_where_another_program_listens_is_given_up(kind, says, published, cluster):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"{kind}://127.0.0.1:{other.getsockname()[1]}"
        said, seconds = refused(cluster, published, address, READY="10")
    assert said == f'the cluster "{address}" {says}'
    assert seconds < engines.REACHED + STARTING


@pytest.mark.parametrize("kind", ["spark", "sc"])
def test_an_address_where_nobody_listens_is_said_at_once(kind, published, cluster):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"{kind}://127.0.0.1:{other.getsockname()[1]}"
    said, seconds = refused(cluster, published, address)
    assert said == f'the cluster "{address}" cannot be reached ([Errno 111] Connection refused)'
    assert seconds < STARTING


def test_what_is_not_installed_is_said(published, cluster):
    said, _ = refused(cluster, published, cluster.address, PYTHONPATH=str(ROOT))
    assert "pyspark, which is not installed" in said
    assert said.count("\n") == 0
    said, _ = refused(cluster, published, cluster.address, PATH="", JAVA_HOME="")
    assert said == (
        "a Spark cluster cannot be asked without Java, which is not installed: "
        "apt install openjdk-17-jre-headless"
    )


def test_nothing_of_the_cluster_listens_beyond_this_machine(cluster):
    with cluster.connect():
        processes = [one for one in cluster.processes if one.is_running()]
        processes += [child for one in processes for child in one.children(recursive=True)]
        places = {one.laddr for process in processes for one in process.net_connections() if not one.raddr}
    assert len(places) > len(processes)
    assert {place.ip for place in places} <= {"127.0.0.1", "::ffff:127.0.0.1"}
