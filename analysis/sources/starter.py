"""A study to begin with: tables with a few invented rows, and a page that says what to write into them."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.study import CONTRACT
from analysis.study.tables import FORMS, written

PAGE = "README.md"
EXAMPLES: dict[str, dict[str, list[str]]] = {
    "roster": {
        "participant": ["P1", "P2", "P3"],
        "place": ["North", "South", "South"],
        "role": ["nurse", "nurse", "manager"],
        "note": ["invented; write your own people here", "", ""],
    },
    "documents": {
        "document": ["D1", "D2"],
        "kind": ["interview", "group interview"],
        "order": ["1", "2"],
        "date": ["2024-03-01", "2024-03-08"],
        "participants": ["P1", "P2; P3"],
    },
    "codebook": {
        "code": ["work", "time", "support"],
        "parent": ["", "work", "work"],
        "name": ["Work", "Time", "Support"],
        "definition": ["Invented: whatever is said of work.", "Too little of it, or enough.", "Who helps."],
    },
    "excerpts": {
        "excerpt": ["X1", "X2", "X3"],
        "participant": ["P1", "P2", "P3"],
        "document": ["D1", "D2", "D2"],
        "text": [
            "Invented: there is never enough time.",
            'Invented: "ask the others," they say, and I do.',
            "Invented: we have time, and we help each other.",
        ],
    },
    "codings": {
        "excerpt": ["X1", "X2", "X3", "X3"],
        "code": ["time", "support", "time", "support"],
        "coder": ["K", "K", "K", "K"],
    },
}
"""The rows of each table. They are no study's: everybody in them is called by a number."""
CHOSEN = {"groupings": ["place", "role"], "policy": "restricted", "uncoded_excerpts": "allowed"}
"""What datapackage.json chooses for the study; the page says what it means."""
LEAD = Path(__file__).with_suffix(".md")
"""What the page says before it lists the columns."""


def files(study: str) -> dict[str, bytes]:
    """The files of a study that runs as it is and is there to be written over."""
    tables = {f"{table}.csv": written(frame).encode() for table, frame in examples().items()}
    return tables | {"datapackage.json": _package(study), PAGE: page(study).encode()}


def examples() -> dict[str, pd.DataFrame]:
    """The invented rows of each table."""
    return {table: pd.DataFrame(columns, dtype="str") for table, columns in EXAMPLES.items()}


def _package(study: str) -> bytes:
    """What the folder is, without types of columns: the contract knows them, and people change columns."""
    package = {
        "title": study,
        "resources": [{"name": table, "path": f"{table}.csv"} for table in EXAMPLES],
        "study": CHOSEN,
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def page(study: str) -> str:
    """What the folder is and what each column holds, made of the contract that `make check` keeps."""
    lead = LEAD.read_text(encoding="utf-8").format(study=study, joins="\n".join(_joins()))
    return "\n".join([lead, *(_section(table, schema) for table, schema in CONTRACT.items())])


def _joins() -> list[str]:
    """Which column names a row of which table."""
    return [
        f"- `{link['field']}` in `{table}.csv` names a row of `{link['table']}.csv` by its `{link['key']}`"
        + ("; several have semicolons between them" if link.get("separator") else "")
        for table, schema in CONTRACT.items()
        for link in schema.get("foreignKeys", [])
    ]


def _section(table: str, schema: dict[str, Any]) -> str:
    """A table and its columns."""
    needed = "Needed." if schema.get("required") else "May be left out."
    lines = [f"### {table}.csv", "", f"{needed} {schema['about']}{_once(schema)}", ""]
    lines += ["| column | what to write | what it is |", "| --- | --- | --- |"]
    lines += [f"| `{one['name']}` | {_form(one)} | {one['description']} |" for one in schema["fields"]]
    return "\n".join(lines) + "\n"


def _once(schema: dict[str, Any]) -> str:
    """What may stand in one row only."""
    key = [f"`{name}`" for name in schema.get("primaryKey", [])]
    if not key:
        return ""
    return (
        f" No two rows have the same {key[0] if len(key) == 1 else ', '.join(key[:-1]) + ' and ' + key[-1]}."
    )


def _form(field: dict[str, Any]) -> str:
    """What a cell of a column may be, in words."""
    limits = field.get("constraints", {})
    says = FORMS.get(field.get("type", "string"), "text")
    if "enum" in limits:
        says = "one of " + ", ".join(f"`{value}`" for value in limits["enum"])
    elif "minimum" in limits:
        says += f", {limits['minimum']} or more"
    says += "; blank means " + str(field["default"]).lower() if "default" in field else ""
    says += "; each once" if limits.get("unique") else ""
    return ("**needed**; " if limits.get("required") else "") + says
