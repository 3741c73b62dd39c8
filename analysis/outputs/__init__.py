"""Tables, charts and sentences, and the only functions that write results.

Charts come with a drawing library that takes half a second to import: only what draws imports them.
"""

from analysis.outputs.place import calibrated, kept, results

__all__ = ["calibrated", "kept", "results"]
