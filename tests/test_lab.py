"""JupyterLab as `make lab` starts it: on this machine only, and closed without its token."""

import copy
import json
import signal
import urllib.error
import urllib.request

import pytest
import served

from analysis import PAPER, ROOT
from analysis.__main__ import main
from analysis.commands.lab import bare


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    process = served.start(ROOT, home, PAPER)
    try:
        yield served.told(home, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_it_listens_on_loopback_only(server):
    assert server["hostname"] == "127.0.0.1"


def test_it_shows_the_notebooks_to_whoever_has_the_token_and_to_nobody_else(server):
    notebooks = f"{server['url']}api/contents/notebooks"
    assert status(notebooks) == 403
    assert status(f"{notebooks}?token={server['token']}") == 200


def test_it_asks_for_no_news(server):
    page = urllib.request.urlopen(f"{server['url']}lab?token={server['token']}", timeout=20)
    with page:
        config = page.read().decode()
    assert '"news": {"disabled": true}' in config or '"news":{"disabled":true}' in config


def test_no_box_asks_whether_news_are_wanted(server):
    """JupyterLab's own box would ask for leave to ask its makers."""
    settings = (
        f"{server['url']}lab/api/settings/@jupyterlab/apputils-extension:notification?token={server['token']}"
    )
    with urllib.request.urlopen(settings, timeout=20) as page:
        said = json.loads(page.read())
    assert said["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_a_notebook_is_saved_without_what_it_has_shown(server):
    """By the server itself, as JupyterLab asks it to."""
    path = ROOT / "notebooks" / "saved-by-a-test.ipynb"
    source = (ROOT / "notebooks" / "explore.ipynb").read_bytes()
    content = json.loads(source)
    content["metadata"]["widgets"] = {"state": "of everything"}
    content["metadata"]["language_info"]["version"] = "3.11.7"
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            text = {"output_type": "stream", "name": "stdout", "text": "what somebody said"}
            cell |= {
                "outputs": [text],
                "execution_count": 3,
                "metadata": cell["metadata"] | {"trusted": True},
            }
    body = json.dumps({"type": "notebook", "format": "json", "content": content}).encode()
    asked = urllib.request.Request(
        f"{server['url']}api/contents/notebooks/{path.name}?token={server['token']}", body, method="PUT"
    )
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert answer.status == 201
        assert path.read_bytes() == source
    finally:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("path", ["notebooks/mine.ipynb", "mine.ipynb", "/docs/mine.ipynb"])
def test_wherever_git_would_take_it_nothing_is_saved_that_was_shown(path):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [{"text": "said"}], "execution_count": 1}
    model = {"type": "notebook", "content": {"metadata": {"widgets": "said"}, "cells": [cell]}}
    bare(model, path)
    assert "said" not in json.dumps(model)


@pytest.mark.parametrize("path", ["scratch/mine.ipynb", "data/derived/wards/notebooks/01.ipynb"])
def test_what_git_does_not_take_is_saved_as_it_is(path):
    model = {"type": "notebook", "content": {"metadata": {"a": 1}, "cells": []}}
    before = copy.deepcopy(model)
    bare(model, path)
    bare({"type": "file", "content": "text"}, "notebooks/a.txt")
    assert model == before


def test_a_study_that_is_not_there_is_named_before_anything_is_started(capsys):
    assert main(["lab", "bussu-marshal"]) == 2
    assert f'Did you mean "{PAPER}"?' in capsys.readouterr().err
