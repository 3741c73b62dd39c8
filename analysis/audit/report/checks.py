"""How the results were tried, and how anybody can try them."""

import pandas as pd

from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import page, raw, table

FAULT = {"fault": "what was done", "kind": "kind", "caught_by": "caught by", "said": "what it said"}
LISTS = ("inputs", "sources", "lock")


def sources(evidence: Evidence) -> dict[str, bytes]:
    """The page of the planted faults, and the page of commands and hashes."""
    tried = evidence.kept("audit")
    faults = (
        pd.DataFrame(tried.get("faults", []), columns=[*FAULT], dtype="str").fillna("").rename(columns=FAULT)
    )
    missed = int(faults[FAULT["caught_by"]].eq("").sum())
    shown = raw(table(faults, "Faults planted")) if len(faults) else ""
    return {
        "faults.md": page("faults", tried=tried, faults=len(faults), missed=missed, shown=shown),
        "check.md": page("check", **_told(evidence)),
    }


def _told(evidence: Evidence) -> dict[str, object]:
    software = evidence.record.get("software", {})
    return {
        "study": evidence.study,
        "record": evidence.path("run.json"),
        "python": software.get("python", "not recorded"),
        "platform": software.get("platform", "not recorded"),
        "software": raw(table(_pairs(software, "version"), "Versions in the record")) if software else "",
        "hashes": [
            (name, raw(table(rows, f"SHA-256 of {name}"))) for name, rows in _hashes(evidence).items()
        ],
    }


def _hashes(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """The SHA-256 of what results were made from, and of the results."""
    said = {name: evidence.record.get(name, {}) for name in LISTS}
    said["outputs"] = {
        path: one for run in evidence.record.get("runs", []) for path, one in run["outputs"].items()
    }
    return {name: _pairs(paths, "SHA-256") for name, paths in said.items()}


def _pairs(said: dict[str, str], value: str) -> pd.DataFrame:
    return pd.DataFrame(sorted(said.items()), columns=["name", value], dtype="str")
