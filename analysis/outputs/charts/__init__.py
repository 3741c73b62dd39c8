"""One function a figure: a frame of results in, a Chart out."""

from analysis.outputs.charts.activities import activities
from analysis.outputs.charts.calibration import calibration
from analysis.outputs.charts.codes import thematic_map
from analysis.outputs.charts.pairs import cooccurrence
from analysis.outputs.charts.people import reconciliation, role_mix, sample, voices
from analysis.outputs.charts.themes import themes
from analysis.outputs.charts.trust import agreement, saturation
from analysis.outputs.charts.words import dispersion

__all__ = [
    "activities",
    "agreement",
    "calibration",
    "cooccurrence",
    "dispersion",
    "reconciliation",
    "role_mix",
    "sample",
    "saturation",
    "thematic_map",
    "themes",
    "voices",
]
