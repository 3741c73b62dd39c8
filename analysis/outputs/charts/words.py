"""Where words stand."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes

from analysis.outputs.chart import BLUE, PALE, QUIET, Chart, beside, canvas, named_rows, nothing, style

LETTER = 0.0125
"""About how much of the chart's width a letter of a heading takes."""


def dispersion(
    places: pd.DataFrame, words: pd.DataFrame, chosen: list[str], tops: pd.DataFrame, names: dict[str, str]
) -> Chart:
    """A tick for every place of a word in the running text of the excerpts, top codes marked off.

    `places` and `words` from `wording`, `tops` pairs of excerpt and code, `names` of the codes. A code
    too narrow for its name is named in the caption only.
    """
    if not chosen:
        return nothing("No word stands out: there is no dispersion to draw.")
    top = tops.drop_duplicates("excerpt").set_index("excerpt")["code"].map(names)
    heads = words["excerpt"].map(top).fillna("not coded")
    starts = heads[heads.ne(heads.shift())]
    counts = places["word"].value_counts().reindex(chosen, fill_value=0)
    with style():
        figure, axes = canvas(0.75 + 0.2 * len(chosen))
        named_rows(axes, chosen[::-1])
        for row, word in enumerate(chosen[::-1]):
            spots = places.loc[places["word"] == word, "position"]
            axes.axhline(row, color=PALE, lw=0.6)
            axes.plot(spots, [row] * len(spots), "|", color=BLUE, markersize=9, mew=1.6)
            beside(axes, counts[word], len(words), row, QUIET)
        for (start, name), end in zip(starts.items(), [*starts.index[1:], len(words)], strict=True):
            axes.axvline(start, color=QUIET, lw=0.8)
            _heading(axes, name, start, len(chosen) - 0.4, wide=(end - start) / len(words))
        axes.set(xlim=(0, len(words)), xlabel="word of the running text, excerpts in their order")
    return Chart(
        figure,
        f"Where the most distinctive words stand in the {len(words)} words of the quotations; at the right "
        f"how often. From left to right: {' | '.join(starts)}. So few words cannot show how staff in "
        "general speak.",
        f"A row of ticks for each word. {', '.join(f'{word}: {n}' for word, n in counts.items())}.",
        places,
    )


def _heading(axes: Axes, name: str, x: float, y: float, wide: float) -> None:
    lines = textwrap.wrap(name, max(int(wide / LETTER), 1), break_long_words=False)
    if max(map(len, lines)) * LETTER <= wide:
        place = {"xytext": (3, 2), "textcoords": "offset points", "va": "bottom"}
        axes.annotate("\n".join(lines), (x, y), fontsize=7, annotation_clip=False, **place)
