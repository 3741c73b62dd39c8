"""The simulated study many times over, as another study: everybody and everything has an id of its own."""

import json
import shutil

import pandas as pd

from analysis import SIMULATED
from analysis.study import RAW

IDS = {"participant", "excerpt", "document", "participants"}


def write(raw, codings, name="simulated-large"):
    """A study of about so many codings, written below `raw`; its name."""
    folder = raw / name
    folder.mkdir(parents=True)
    tables = {path.stem: pd.read_csv(path, dtype=str) for path in sorted((RAW / SIMULATED).glob("*.csv"))}
    times = -(-codings // len(tables["codings"]))
    for table, frame in tables.items():
        own = [column for column in frame if column in IDS]
        copies = [_copy(frame, own, number) for number in range(times if own else 1)]
        pd.concat(copies).to_csv(folder / f"{table}.csv", index=False, lineterminator="\n")
    package = json.loads((RAW / SIMULATED / "datapackage.json").read_text(encoding="utf-8"))
    package["title"] = f"Simulated: the simulated study {times} times over"
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    for other in (RAW / SIMULATED).iterdir():
        if other.suffix not in (".csv", ".json"):
            shutil.copy(other, folder)
    return name


def _copy(frame, own, number):
    """The rows with the ids of another copy of everybody."""
    return frame.assign(**{c: frame[c].str.replace(r"\b(?=[A-Z]\d)", f"K{number}", regex=True) for c in own})
