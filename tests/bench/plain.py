"""The notebooks of a plan as one plain program: the floor that every way of running them is held against.

`python tests/bench/plain.py` writes `floor.py` anew; a test says when that is due.
"""

import json
from pathlib import Path

from analysis import ROOT
from analysis.commands.results import planned
from analysis.runs.record import is_code

FLOOR = Path(__file__).with_name("floor.py")
STUDY = "bussu-marshall-2020"
HEAD = '''"""Made of the notebooks by plain.py: each run of the plan as a function, and nothing done twice."""

import sys
'''
TAIL = """

if __name__ == "__main__":
    for name in sys.argv[1:] or RUNS:
        RUNS[name]()
"""


def program(runs, notebooks):
    """Runs as the source of a program that does all of them, or those that it is given by name."""
    parts, names = [HEAD], []
    for number, run in enumerate(runs, start=1):
        names.append(f'    "{run.name}": run_{number},\n')
        cells = json.loads((notebooks / f"{run.notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
        lines = [line for cell in cells if is_code(cell) for line in _lines(cell, run)]
        parts.append(f"\n\ndef run_{number}():\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines))
    return "".join([*parts, "\n\nRUNS = {\n", *names, "}\n", TAIL])


def _lines(cell, run):
    if "parameters" in cell["metadata"].get("tags", []):
        return [f"{name} = {value!r}" for name, value in run.parameters.items()]
    return "".join(cell["source"]).splitlines()


def floor():
    """The program of the published study."""
    return program(planned(STUDY, [])[1], ROOT / "notebooks")


if __name__ == "__main__":
    FLOOR.write_text(floor(), encoding="utf-8")
