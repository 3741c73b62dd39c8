"""How the results were tried, and how anybody can try them."""

from typing import Any

import pandas as pd

from analysis.audit.faults import KNOWN
from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import page, raw, table
from analysis.runs import record
from analysis.runs.files import sha256

FAULT = {
    "fault": "fault",
    "changed": "what was changed",
    "guise": "guise",
    "study": "study",
    "caught_by": "noticed by",
    "said": "what was said",
}
LISTS = ("inputs", "sources", "lock")


def sources(evidence: Evidence) -> dict[str, bytes]:
    """The page of the planted faults, and the page of commands, of what came of them, and of hashes."""
    tried = _of_these(evidence, "audit")
    faults = _faults(tried.get("faults", []))
    missed = int(faults[FAULT["caught_by"]].eq("").sum())
    false = [alarm for found in tried.get("sound", {}).values() for alarm in found]
    shown = raw(table(faults, "Faults planted")) if len(faults) else ""
    found = {"faults": len(faults), "missed": missed, "false": false, "shown": shown}
    return {
        "faults.md": page("faults", tried=tried, known=[fault.name for fault in KNOWN], **found),
        "check.md": page("check", **_told(evidence)),
    }


def verified(evidence: Evidence) -> dict[str, Any]:
    """What a second run came to: nothing where there was none, or only one of other results."""
    said = _of_these(evidence, "verify")
    return {"counts": {}, "graded": []} | said if said else {}


def _of_these(evidence: Evidence, name: str) -> dict[str, Any]:
    """What a check came to, if it was one of these results: it names their record by its SHA-256."""
    said = evidence.kept(name)
    here = evidence.results.derived / record.SHARED
    return said if here.exists() and said.get("record") == sha256(here) else {}


def _faults(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The faults as texts; several checks that noticed one are listed."""
    found = pd.DataFrame(rows, columns=[*FAULT], dtype=object).fillna("")
    listed = found.map(lambda one: ", ".join(one) if isinstance(one, list) else str(one))
    return listed.rename(columns=FAULT)


def _parted(said: dict[str, Any]) -> str:
    """The results that were not identical in a second run: where they differ, and why as far as is known."""
    parted = [one for one in said.get("graded", []) if one["grade"] != "identical"]
    rows = [
        {
            "file": one["path"],
            "grade": one["grade"],
            "where it differs": "; ".join(_difference(part) for part in one.get("found", [])),
            "what else differs": "; ".join(one.get("causes", [])),
        }
        for one in parted
    ]
    return raw(table(pd.DataFrame(rows, dtype="str"), "Files that are not identical")) if rows else ""


def _difference(part: dict[str, Any]) -> str:
    return f"{part['where']}: kept {part['kept']}, again {part['again']}"


def _told(evidence: Evidence) -> dict[str, object]:
    software = evidence.record.get("software", {})
    again = verified(evidence)
    return {
        "study": evidence.study,
        "verified": again,
        "parted": _parted(again),
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
        path: one for run in evidence.record.get("runs", []) for path, one in run.get("outputs", {}).items()
    }
    return {name: _pairs(paths, "SHA-256") for name, paths in said.items()}


def _pairs(said: dict[str, str], value: str) -> pd.DataFrame:
    return pd.DataFrame(sorted(said.items()), columns=["name", value], dtype="str")
