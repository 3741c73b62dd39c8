"""The data dictionary: what each column of the raw tables and of the results holds."""

import json
from typing import Any

import pandas as pd

from analysis import ROOT
from analysis.audit.report import rows as rows_of
from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import page, raw, table
from analysis.study import CONTRACT
from analysis.study.record import RAW


def sources(evidence: Evidence) -> dict[str, bytes]:
    """A page on the raw tables, and the page on the results as it stands beside them."""
    package = json.loads((RAW / evidence.study.name / "datapackage.json").read_text(encoding="utf-8-sig"))
    tables = [_described(resource) for resource in package.get("resources", [])]
    results = (ROOT / "data" / "derived" / "README.md").read_bytes()
    made = page(
        "dictionary",
        package=package,
        tables=tables,
        lacking=[*evidence.study.missing],
        given=rows_of.given(evidence),
    )
    return {"dictionary.md": made, "results.md": results}


def _described(resource: dict[str, Any]) -> dict[str, str]:
    """A raw table: its name, what it is, and its columns; what the study leaves unsaid the contract says."""
    name = resource["name"]
    contract = CONTRACT.get(name, {"about": "", "fields": []})
    general = {field["name"]: field for field in contract["fields"]}
    fields = resource.get("schema", {}).get("fields", []) or contract["fields"]
    rows = pd.DataFrame(
        [_column(general.get(field["name"], {}) | field) for field in fields],
        columns=["column", "type", "what it holds"],
    )
    return {
        "name": name,
        "about": resource.get("title", ""),
        "general": contract["about"],
        "columns": raw(table(rows, f"Columns of {name}.csv")),
    }


def _column(field: dict[str, Any]) -> tuple[str, str, str]:
    allowed = field.get("constraints", {}).get("enum", [])
    values = f" One of {', '.join(map(str, allowed))}." if allowed else ""
    return field["name"], field.get("type", "string"), field.get("description", "") + values
