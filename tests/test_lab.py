"""JupyterLab as `make lab` starts it: on this machine only, and closed without its token."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from analysis import ROOT


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    env = os.environ | {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home), "BROWSER": "true"}
    root = ["--", "--allow-root"] if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "analysis", "lab", *root]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield json.loads(told(home, process))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def told(home, process):
    """What the server writes of itself once it listens; a moment before, its file is there and empty."""
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        for path in home.glob("jpserver-*.json"):
            if (text := path.read_text()).endswith("}"):
                return text
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up (it ended with {process.poll()})")


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
