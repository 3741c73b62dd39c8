"""JupyterLab, on this machine only."""

import argparse
import os
import sys
from typing import Any

from analysis import ROOT, study
from analysis.runs.specification import PlanError, choice

STUDY = "ANALYSIS_STUDY"
"""Tells the screen which study to open; `analysis.explore.screen` reads it, as a test holds."""
SETTINGS = "analysis/explore/settings"
"""What is set in JupyterLab unless its user says otherwise."""
SHOWN = ("scratch/", "data/derived/")
"""Where notebooks are saved with what they have shown. Anywhere else it could get into git by saving."""


def lab(given: argparse.Namespace) -> int:
    """Start JupyterLab on loopback; its token keeps other users of the machine out."""
    if given.study.startswith("-"):  # no study but the first of JupyterLab's own options
        given.options, given.study = [given.study, *given.options], ""
    if given.study and given.study not in study.names():
        raise PlanError(f'"{given.study}" is no study here; {choice(given.study, study.names())}')
    options = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/notebooks/explore.ipynb",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--LabApp.app_settings_dir={ROOT / SETTINGS}",  # its box on news asks for leave to ask
        "--LabApp.extension_manager=readonly",  # the other one asks a registry
        f"--FileContentsManager.pre_save_hook={bare.__module__}.{bare.__name__}",
    ]
    command = [sys.executable, "-m", "jupyterlab", *options, *given.options]
    os.execve(sys.executable, command, os.environ | {STUDY: given.study})  # noqa: S606 - no shell is the point


def bare(model: dict[str, Any], path: str, **_: object) -> None:
    """Take out of a notebook that is about to be saved what it has shown, unless git ignores the place, or
    has results there.

    JupyterLab calls this before it writes a file. What is left is what git has: cells, their ids and tags.
    """
    if model["type"] != "notebook" or path.strip("/").startswith(SHOWN):
        return
    content = model["content"]
    known = content["metadata"].get("kernelspec", {})
    names = ("display_name", "language", "name")
    content["metadata"] = {
        "kernelspec": {name: known[name] for name in names if name in known},
        "language_info": {"name": "python"},
    }
    for cell in content["cells"]:
        tags = cell["metadata"].get("tags")
        cell["metadata"] = {"tags": tags} if tags else {}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
