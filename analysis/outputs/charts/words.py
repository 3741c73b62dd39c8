"""Where words stand."""

import pandas as pd

from analysis.outputs.chart import BLUE, PALE, QUIET, Chart, canvas, nothing, style


def dispersion(places: pd.DataFrame, words: pd.DataFrame, chosen: list[str], tops: pd.DataFrame, names: dict[str, str]) -> Chart:
    """A tick for every place of a word in the running text of the excerpts, top codes marked off.

    `places` and `words` from `wording`, `tops` pairs of excerpt and code, `names` of the codes.
    """
    if not chosen:
        return nothing("No word stands out: there is no dispersion to draw.")
    top = tops.drop_duplicates("excerpt").set_index("excerpt")["code"]
    code = words["excerpt"].map(top).fillna("")
    starts = words.loc[code.ne(code.shift()), "position"].tolist()
    with style():
        figure, axes = canvas(0.75 + 0.2 * len(chosen))
        for row, word in enumerate(reversed(chosen)):
            spots = places.loc[places["word"] == word, "position"]
            axes.hlines(row, 0, len(words), PALE, lw=0.6)
            axes.plot(spots, [row] * len(spots), "|", color=BLUE, markersize=9, mew=1.6)
            axes.annotate(str(len(spots)), (len(words), row), (4, 0), textcoords="offset points", va="center", color=QUIET)
        for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
            axes.axvline(start, color=QUIET, lw=0.8)
            name = names.get(code[start], "")
            shown = name if (end - start) / len(words) > 0.0105 * len(name) else ""
            axes.annotate(shown, (start, len(chosen) - 0.3), (3, 0), textcoords="offset points", fontsize=7)
        axes.set_yticks(range(len(chosen)), reversed(chosen))
        axes.set(xlim=(0, len(words)), ylim=(-0.6, len(chosen) + 0.1), xlabel="word of the running text, excerpts in the order of the paper")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    counts = places["word"].value_counts()
    parts = " | ".join(names.get(code[start], "not coded") for start in starts)
    return Chart(
        figure,
        f"Where the most distinctive words stand in the {len(words)} words of the quotations; at the right how often. "
        f"From left to right: {parts}. So few words cannot show how staff in general speak.",
        "A row of ticks for each word. " + ", ".join(f"{word}: {counts.get(word, 0)}" for word in chosen) + ".",
        places,
    )
