"""What is there is the old or the new, never half of either: whatever fails, and whenever it is cut short."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import qdpx

from analysis import exchange

OLD, NEW = "old", "new"
STEPS = range(4)
"""An earlier folder and an earlier file are renamed aside, and new ones renamed in."""


def made(version, *places):
    """The same version in a folder of several files, and in a file."""
    folder, file = places
    names = ("a.txt", "b/c.txt", "b/d.txt")
    return {folder: {name: f"{version} {name}".encode() for name in names}, file: version.encode()}


@pytest.fixture
def places(tmp_path):
    return tmp_path / "it", tmp_path / "it.zip"


def found(places):
    """The version that all files are of."""
    folder, file = places
    versions = {file.read_text()}
    for path in folder.rglob("*.txt"):
        version, name = path.read_text().split(" ")
        assert name == path.relative_to(folder).as_posix()
        versions.add(version)
    assert len([*folder.rglob("*.txt")]) == 3
    (version,) = versions
    return version


def hidden(places):
    return sorted(path.name for path in places[0].parent.iterdir() if path.name.startswith("."))


def failing(monkeypatch, step, error, undone=True):
    """Let a renaming fail, with what is to become of it afterwards if the process is `undone` too."""
    rename, calls = Path.rename, []

    def renamed(path, to):
        calls.append(path)
        if len(calls) == step + 1:
            if not undone:
                monkeypatch.setattr(exchange, "_back", lambda *_: None)
                monkeypatch.setattr(exchange, "remove", lambda *_: None)
            raise error
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", renamed)


def test_the_new_takes_the_place_of_the_old_and_nothing_else_is_left(places):
    for version in (OLD, NEW):
        exchange.written(made(version, *places))
        assert found(places) == version
        assert hidden(places) == []


@pytest.mark.parametrize("error", [OSError("no"), KeyboardInterrupt()], ids=["failure", "Ctrl-C"])
@pytest.mark.parametrize("step", STEPS)
def test_whatever_step_fails_all_of_the_old_is_there(places, monkeypatch, step, error):
    exchange.written(made(OLD, *places))
    failing(monkeypatch, step, error)
    with pytest.raises(type(error)):
        exchange.written(made(NEW, *places))
    assert found(places) == OLD
    assert hidden(places) == []


@pytest.mark.parametrize("step", range(2))
def test_where_nothing_was_nothing_is_after_a_failure(places, monkeypatch, step):
    failing(monkeypatch, step, OSError("no"))
    with pytest.raises(OSError, match="no"):
        exchange.written(made(NEW, *places))
    assert [*places[0].parent.iterdir()] == []


@pytest.mark.parametrize("step", STEPS)
def test_what_a_kill_has_left_is_settled_before_anything_else(places, monkeypatch, step):
    exchange.written(made(OLD, *places))
    with monkeypatch.context() as patch:
        failing(patch, step, InterruptedError(), undone=False)
        with pytest.raises(InterruptedError):
            exchange.written(made(NEW, *places))
    assert hidden(places)
    for place in places:
        exchange.settle(place)
    assert hidden(places) == []
    versions = {places[1].read_text(), (places[0] / "a.txt").read_text().split(" ")[0]}
    assert versions <= {OLD, NEW}, "each is whole"
    exchange.written(made(NEW, *places))
    assert found(places) == NEW


def test_an_old_one_that_was_not_removed_is_removed_by_the_next(places):
    exchange.written(made(OLD, *places))
    left = exchange.aside(places[0])
    left.mkdir()
    (left / "half").touch()
    exchange.part(places[0]).mkdir()
    exchange.written(made(NEW, *places))
    assert found(places) == NEW
    assert hidden(places) == []


def test_ctrl_c_once_all_are_in_place_leaves_no_old_ones(places):
    exchange.written(made(OLD, *places))
    discarded = []

    def discard(path):
        discarded.append(path)
        if len(discarded) == 1:
            raise KeyboardInterrupt
        exchange.remove(path)

    ready = {place: place.with_name(f"ready {place.name}") for place in places}
    exchange.written(made(NEW, *ready.values()))
    with pytest.raises(KeyboardInterrupt):
        exchange.taken(ready, discard)
    assert found(places) == NEW
    assert hidden(places) == []


def test_what_was_made_ready_and_is_gone_leaves_the_old(places):
    exchange.written(made(OLD, *places))
    ready = {place: place.with_name(f"ready {place.name}") for place in places}
    exchange.written({ready[places[0]]: b"new"})
    with pytest.raises(FileNotFoundError):
        exchange.taken(ready)
    assert found(places) == OLD


def test_a_file_that_cannot_be_written_leaves_the_old(places):
    exchange.written(made(OLD, *places))
    with pytest.raises(OSError, match="exists"):
        exchange.written({places[0]: {"a": b"a file", "a/b": b"and a folder of its name"}})
    assert found(places) == OLD
    assert hidden(places) == []


def test_what_is_put_aside_is_whole_and_not_removed(places, tmp_path):
    exchange.written(made(OLD, *places))
    new = tmp_path / "ready"
    new.mkdir()
    exchange.taken({places[0]: new}, lambda earlier: earlier.rename(tmp_path / "kept"))
    assert (tmp_path / "kept" / "a.txt").exists()
    assert [*places[0].iterdir()] == []


def test_folders_are_as_private_as_is_asked(places):
    exchange.written(made(OLD, *places), 0o700)
    assert places[0].stat().st_mode & 0o777 == 0o700


# ---- for real ----------------------------------------------------------------------------------------------

FOREVER = """
import itertools, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_exchange import made
from analysis import exchange
places = Path(sys.argv[2]), Path(sys.argv[3])
print("begun", flush=True)
for version in itertools.count(1):
    exchange.written(made(str(version), *places))
"""


def moment(seed, *between):
    return random.Random(seed).uniform(*between)  # noqa: S311 - chance, and no secret


def cut_short(places, number, seconds):
    """Exchange again and again, until a signal comes."""
    command = [sys.executable, "-c", FOREVER, str(Path(__file__).parent), *map(str, places)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(number)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(15))
def test_ctrl_c_at_any_moment_leaves_one_version(places, seed):
    exchange.written(made(OLD, *places))
    cut_short(places, signal.SIGINT, moment(seed, 0, 0.05))
    found(places)
    assert hidden(places) == []


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(15))
def test_a_kill_at_any_moment_leaves_a_version_of_each(places, seed):
    exchange.written(made(OLD, *places))
    cut_short(places, signal.SIGKILL, moment(seed, 0, 0.05))
    for place in places:
        exchange.settle(place)
    assert places[1].read_text()
    assert len({path.read_text().split(" ")[0] for path in places[0].rglob("*.txt")}) == 1
    assert hidden(places) == []
    exchange.written(made(NEW, *places))
    assert found(places) == NEW


def results(suite):
    """The studies, and what was written of them for other tools."""
    roots = [suite.folder / "data", suite.folder / "scratch" / "export"]
    paths = [path for root in roots for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(suite.folder): path.read_bytes() for path in paths}


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "words", [["export", "wards"], ["import", "it.qdpx", "it", "--replace"]], ids=" ".join
)
def test_a_command_that_is_stopped_leaves_what_was_there_and_says_so_in_a_line(suite, words, seed):
    qdpx.write(suite.folder / "it.qdpx", qdpx.sample(), "standard")
    command = [sys.executable, "-m", "analysis", *words]
    begun = time.monotonic()
    subprocess.run(command, cwd=suite.folder, check=True, capture_output=True)
    lasts, before = time.monotonic() - begun, results(suite)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=suite.folder, **streams) as process:
        time.sleep(moment(seed, 0.1, lasts))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert said.splitlines()[-1:] in ([], ["stopped"])
    assert "Traceback" not in said
    assert results(suite) == before
