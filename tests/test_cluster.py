"""The same tables from a Spark cluster as from the engine inside of the process, and what is said without one."""

import json
import shutil
import time

import cluster as spark
import generated
import pandas as pd
import pytest

from analysis import SIMULATED, study

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not spark.SPARK.exists(), reason="no Spark here; make test-cluster installs it"),
]
TABLES = ("roster", "documents", "excerpts", "codings")


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with spark.running(tmp_path_factory.mktemp("cluster")) as one:
        yield one


@pytest.fixture
def cluster(started):
    """Two workers, whatever the test before has done to them."""
    started.complete(2)
    return started


def answered(process, out):
    """What a client has printed at its end, and every frame that it has kept, with the bytes of its file."""
    said, failed = process.communicate(timeout=300)
    assert process.returncode == 0, failed
    frames = {path.stem: (pd.read_pickle(path), path.with_suffix(".csv").read_bytes()) for path in sorted(out.glob("*.pickle"))}  # noqa: E501, S301 - own files
    return json.loads(said.splitlines()[-1]), frames


def asked(cluster, folder, out, address="", **more):
    out.mkdir()
    return answered(cluster.ask(folder, out, address, **more), out)
