"""REFI-QDA files for tests: a description of a project, written as each vendor writes it, and what is in it.

    project = qdpx.sample()
    qdpx.write(path, project, "nvivo_windows")
    qdpx.expected(project, "nvivo_windows").texts

`write_codebook` makes a .qdc, `hostile` a folder of files that are broken or mean.
"""

from qdpx.dialects import DIALECTS, Dialect
from qdpx.hostile import hostile
from qdpx.project import (
    Case,
    Code,
    Coding,
    Graph,
    Group,
    Link,
    Note,
    Passage,
    Project,
    Source,
    at,
)
from qdpx.sample import sample
from qdpx.truth import Expected, expected, members, values
from qdpx.writer import write, write_codebook

__all__ = [
    "DIALECTS",
    "Case",
    "Code",
    "Coding",
    "Dialect",
    "Expected",
    "Graph",
    "Group",
    "Link",
    "Note",
    "Passage",
    "Project",
    "Source",
    "at",
    "expected",
    "hostile",
    "members",
    "sample",
    "values",
    "write",
    "write_codebook",
]
