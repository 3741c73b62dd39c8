"""What a study is: its tables and their contract, loading, and checking with readable errors."""

from analysis.study.problems import Problem, StudyError
from analysis.study.record import CONTRACT, Study, load, names

__all__ = ["CONTRACT", "Problem", "Study", "StudyError", "load", "names"]
