"""What the tests share: the published study, its article where somebody has it, a place to write."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from suite import Suite

from analysis import ROOT, study
from analysis.runs.processes import CHOSEN, FORKS
from analysis.sources import writing

PAPER = "bussu-marshall-2020"
ARTICLES = [ROOT.parent / "shared" / "reference" / "article.md"]


def pytest_addoption(parser):
    parser.addoption("--article", help="the article's text, to hold the transcription against")


def pytest_configure(config):
    """Notebooks that are run as tests write into a copy of the kept results, and read from it."""
    place = Path(tempfile.mkdtemp(prefix="results-"))
    for folder in ("data/derived", "figures"):
        if (ROOT / folder / PAPER).exists():
            shutil.copytree(ROOT / folder / PAPER, place / folder / PAPER)
    os.environ["ANALYSIS_RESULTS"] = str(place)
    if FORKS:
        os.environ.setdefault(CHOSEN, "forked")  # nbval's kernels, as those of a sequence
    config.add_cleanup(lambda: shutil.rmtree(place, ignore_errors=True))


@pytest.fixture(scope="session")
def paper():
    return study.load(PAPER)


@pytest.fixture(scope="session")
def simulated():
    return study.load("simulated-east-london")


@pytest.fixture(scope="session")
def article(request):
    given = request.config.getoption("--article")
    found = next((path for path in [Path(given)] if path.exists()), None) if given else None
    found = found or next((path for path in ARTICLES if path.exists()), None)
    if found is None:
        pytest.skip("the article's text is not here; name it with --article")
    return found.read_text(encoding="utf-8")


@pytest.fixture
def raw(tmp_path):
    """A copy of data/raw/ to break."""
    shutil.copytree(ROOT / "data" / "raw" / PAPER, tmp_path / "raw" / PAPER)
    return tmp_path / "raw"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A place for studies of one's own that is not the suite's, nor where it puts them aside."""
    folder = tmp_path / "suite" / "data" / "raw"
    for module, name, value in (
        (study, "RAW", folder),
        (study.record, "RAW", folder),
        (writing, "ROOT", tmp_path / "suite"),
        (writing.allowed, "__kwdefaults__", {"raw": folder}),
        (writing.write, "__defaults__", (folder,)),
    ):
        monkeypatch.setattr(module, name, value)
    return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A small suite with the results of one good run."""
    return Suite.made(tmp_path_factory.mktemp("good"))


@pytest.fixture
def kernels():
    """How kernels of a suite are started, as an option says it."""
    return ()


@pytest.fixture
def suite(good, tmp_path, kernels):
    """A copy of it to break."""
    copy = good.copied(tmp_path)
    copy.options = kernels
    yield copy
    copy.kill()


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own; only root may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
