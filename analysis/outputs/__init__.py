"""Tables, charts and sentences, and the only functions that write results."""

from analysis.outputs import charts, paper, reading
from analysis.outputs.place import kept, results

__all__ = ["charts", "kept", "paper", "reading", "results"]
