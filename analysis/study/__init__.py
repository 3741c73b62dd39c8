"""What a study is: its tables and their contract, loading, and checking with readable errors."""

from analysis.study.problems import Problem, StudyError
from analysis.study.record import CONTRACT, RAW, Study, declared_simulation, load, names, texts

__all__ = [
    "CONTRACT",
    "RAW",
    "Problem",
    "Study",
    "StudyError",
    "declared_simulation",
    "load",
    "names",
    "texts",
]
