"""The house keeps its plan: rooms import one way, and each does its own work only."""

import ast
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from analysis import ROOT

ALLOWED = {
    "study": set(),
    "measures": set(),
    "runs": set(),
    "sources": {"study"},
    "outputs": {"measures"},
    "audit": {"measures", "outputs", "runs", "study"},
    "explore": {"measures", "outputs", "study"},
    "handin": {"audit", "measures", "outputs", "runs", "study"},
    "commands": {"audit", "explore", "handin", "measures", "outputs", "runs", "sources", "study"},
}
DOOR = {"ROOT", "PAPER", "SIMULATED", "UnusableError", "FailedError", "exchange", "frames", "elsewhere"}
"""What every room may take from the package itself; but for measures and `exchange`, which is of files."""
WRITERS = {"writing", "faults"}
"""The one writes studies, and no results; the other spoils copies of them."""
MODULES = sorted(ROOT.glob("analysis/*/**/*.py"))


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_one_way(path):
    room = path.relative_to(ROOT / "analysis").parts[0]
    others = {name.split(".")[1] for name in imports(path) if name.startswith("analysis.")} - {*DOOR, room}
    assert others <= ALLOWED[room]


@pytest.mark.parametrize("path", sorted(ROOT.glob("analysis/measures/*.py")), ids=lambda path: path.stem)
def test_measures_touch_no_file(path):
    names = {name.split(".")[0] for name in imports(path)}
    text = path.read_text(encoding="utf-8")
    assert not names & {"os", "io", "pathlib", "shutil", "csv", "json"}
    assert "analysis.exchange" not in imports(path)
    assert not any(call in text for call in ("open(", "read_csv", "to_csv", "write_"))


def test_only_outputs_and_runs_write_results():
    for path in MODULES:
        room = path.relative_to(ROOT / "analysis").parts[0]
        text = path.read_text(encoding="utf-8")
        if room not in ("outputs", "runs", "commands") and path.stem not in WRITERS:
            assert not any(call in text for call in ("write_text", "write_bytes", "to_csv", "savefig")), path


def test_no_function_is_longer_than_forty_lines():
    long = [
        (path.name, node.name)
        for path in [*MODULES, ROOT / "analysis" / "__main__.py"]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 40
    ]
    assert long == []


def test_every_linter_exception_carries_its_reason():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[tool.ruff.lint]")[1].splitlines()
    codes = [line for line in lines if re.match(r' +"[A-Z0-9]+",', line)]
    assert codes
    assert all("  # " in line for line in codes)
    for path in [*MODULES, ROOT / "analysis" / "__main__.py"]:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "noqa" not in line or " - " in line.split("noqa")[1], f"{path.name}: {line}"


def test_modules_have_no_empty_names():
    vague = {"utils", "helpers", "core", "manager", "config", "common", "misc"}
    assert not vague & {path.stem for path in MODULES}


def test_make_help_names_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(re.findall(r"^([\w-]+):.*## ", text, re.MULTILINE))


def test_top_level_is_the_design_cards():
    assert {"notebooks", "data", "analysis", "figures", "tests"} <= {
        p.name for p in ROOT.iterdir() if p.is_dir()
    }
    assert all((ROOT / name).exists() for name in ("environment.yml", "Makefile", "data/raw", "data/derived"))


def test_documents_name_only_paths_that_exist():
    """A path in backticks is a promise."""
    for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"):
        words = page.read_text(encoding="utf-8").split("`")[1::2]
        paths = [word for word in words if "/" in word and not set(word) & set("<>*{} =…\n")]
        for path in paths:
            made = "my-study" in path or path.startswith("scratch/")  # by the reader's own commands
            assert made or (ROOT / path).exists(), f"{page.name}: {path}"


def test_tests_mirror_the_measures():
    for path in ROOT.glob("analysis/measures/*.py"):
        if path.stem not in ("__init__", "stop_words"):
            assert (ROOT / "tests" / f"test_measures_{path.stem}.py").exists(), path.stem


def test_pairs_of_lines_say_nothing_twice_in_the_plan():
    """No two runs of the plan write the same file."""
    from analysis.runs.plan import plan

    names = {"grouping": ["borough", "role_group"], "site": ["borough"], "table": ["table-1", "table-a1"]}
    outputs = sorted(path for run in plan("x", names) for path in run.outputs)
    assert all(one != other for one, other in pairwise(outputs))
    assert all(Path(path).suffix for path in outputs)


def test_every_measure_names_its_source():
    """A publication, a definition of its own or a plain count: who reads a number can find out which."""
    functions = {
        f"{path.stem}.{node.name}": ast.get_docstring(node)
        for path in ROOT.glob("analysis/measures/*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    assert len(functions) > 90
    assert [
        name for name, says in functions.items() if not re.search(r"[Ss]ource|\b(19|20)\d\d\b", says)
    ] == []


def test_every_command_is_a_function_of_the_module_that_it_names():
    import importlib

    from analysis.__main__ import parser

    actions = parser()._actions  # noqa: SLF001 - argparse has no other way to ask
    (commands,) = (action for action in actions if hasattr(action, "choices") and action.choices)
    named = [one.get_default("command").split(".") for one in commands.choices.values()]
    assert len(named) > 15
    for module, function in named:
        assert callable(getattr(importlib.import_module(f"analysis.commands.{module}"), function)), function


def test_make_passes_on_parameters_with_semicolons_and_several_signs():
    command = ["make", "-n", "plan", "WITH=codes=a;b within=ward=A min_people=7", "PYTHON=python3"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in said.splitlines() if "-m analysis plan" in line]
    words = shlex.split(line)
    assert words[words.index("--parameter") :] == [
        "--parameter", "codes", "a;b", "--parameter", "within", "ward=A", "--parameter", "min_people", "7",
    ]  # fmt: skip


def test_what_runs_notebooks_begins_without_what_only_they_need():
    """A command that starts with all that measures import would take twice as long to begin."""
    import subprocess
    import sys

    asked = "import sys, analysis.commands.results; print({*sys.modules} & {'scipy', 'nltk', 'ipywidgets'})"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
