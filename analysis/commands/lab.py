"""JupyterLab, on this machine only."""

import argparse
import os
import sys

from analysis import ROOT


def lab(given: argparse.Namespace) -> int:
    """Start JupyterLab on loopback; its token keeps other users of the machine out."""
    options = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/notebooks",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",  # the other one asks a registry
    ]
    command = [sys.executable, "-m", "jupyterlab", *options, *given.options]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is the point
