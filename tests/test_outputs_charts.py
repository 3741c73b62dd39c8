"""Charts: what a reader sees of them, and what must not change them."""

import io
import itertools
import re

import matplotlib as mpl
import matplotlib.colors
import pandas as pd
import PIL.Image
import pytest
from matplotlib.text import Text
from small import text

from analysis.measures import (
    activities,
    agreement,
    bounds,
    codes,
    cooccurrence,
    prevalence,
    sample,
    saturation,
    voices,
    wording,
)
from analysis.outputs import calibrated, charts, formats
from analysis.outputs.chart import DATA, SCREEN, WIDTH

DOTS = 200
SLACK = 2  # pixels: the rounding of a text's outline


# the charts of the published study, as its notebooks draw them


def frames(paper, simulated):
    """Everything that a notebook passes to a chart, by the chart's name; of a study that has it."""
    coded = (simulated.codings, simulated.excerpts, simulated.codebook)
    in_order = saturation.by_document(simulated.excerpts, simulated.documents)
    people = sample.count(paper.roster, list(paper.groupings))
    words, tops = wording.tokens(paper.excerpts), codes.top_of(paper.codebook, paper.codings)
    chosen = wording.distinctive(wording.keyness(wording.counts(paper.excerpts, tops, 2)), 4)
    places, names = wording.places(words, chosen), paper.codebook.set_index("code")["name"].to_dict()
    wide, narrow = themes(paper, "borough"), themes(paper, "borough", unstated_roles="none")
    return {
        "sample": (charts.sample, people, "service", "borough"),
        "role-mix": (charts.role_mix, people, "borough"),
        "reconciliation": (
            charts.reconciliation,
            sample.reconciliation(paper.roster, paper.interviews, "borough"),
            "borough",
        ),
        "thematic-map": (charts.thematic_map, codes.tree(paper.codebook, paper.codings)),
        "themes-by-borough": (charts.themes, {"any": wide}, "borough"),
        "themes-by-role_group": (charts.themes, {"any": themes(paper, "role_group")}, "role_group"),
        "readings": (charts.themes, {"every label": wide, "no label": narrow}, "borough"),
        "voices": (charts.voices, voices.shares(paper.excerpts, paper.roster, paper.roles)),
        "dispersion": (charts.dispersion, places, words, chosen, tops, names),
        "activities": (charts.activities, activities.by_site(paper.activities, "borough"), "borough"),
        "cooccurrence": (charts.cooccurrence, cooccurrence.by_excerpt(*coded), simulated.codebook),
        "agreement": (charts.agreement, agreement.by_code(*coded, resamples=10), simulated.codebook),
        "saturation": (
            charts.saturation,
            saturation.curve(saturation.incidence(simulated.codings, *in_order), draws=10),
            "document",
        ),
        "calibration": (charts.calibration, calibrated().query("method in ['alpha', 'wilson']")),
    }


def themes(paper, by, **choices):
    placed = bounds.place(paper.excerpts, paper.roster, paper.roles, by=by, **choices)
    return prevalence.count(placed, paper.excerpts, paper.codings, paper.codebook, paper.roster)


NAMES = [
    *["sample", "role-mix", "reconciliation", "thematic-map", "themes-by-borough"],
    *["themes-by-role_group", "readings", "voices", "dispersion", "activities"],
    *["cooccurrence", "agreement", "saturation", "calibration"],
]
every_chart = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def given(paper, simulated):
    return frames(paper, simulated)


class Kept(dict):
    """What is made of each chart, by the chart's name, once for all tests that only look at it."""

    def __init__(self, make):
        self.make = make

    def __missing__(self, name):
        self[name] = self.make(name)
        return self[name]


@pytest.fixture(scope="module")
def drawn(given):
    def make(name):
        chart = redrawn(given, name)
        assert chart.png  # first, as results are written
        return chart

    return Kept(make)


@pytest.fixture(scope="module")
def seen(given):
    return Kept(lambda name: outlines(redrawn(given, name)))


def redrawn(given, name):
    draw, *parts = given[name]
    return draw(*parts)


def outlines(chart):
    """The outline in pixels of every text of the PNG of a chart that was not written before.

    What is drawn is watched, because texts of ticks out of view exist and are never drawn.
    """
    with pytest.MonkeyPatch.context() as patch:
        found, plain = {}, Text.draw

        def draw(one, renderer):
            plain(one, renderer)
            found[one] = one.get_window_extent(renderer)

        patch.setattr(Text, "draw", draw)
        assert chart.png
    return {one: box for one, box in found.items() if one.get_visible() and one.get_text().strip()}


def outside(found):
    """The texts that the picture's edge cuts off."""
    wide, high = next(iter(found)).get_figure(root=True).get_size_inches() * DOTS
    return [
        one.get_text()
        for one, box in found.items()
        if min(box.x0, box.y0) < -SLACK or box.x1 > wide + SLACK or box.y1 > high + SLACK
    ]


def overlapping(found):
    """Pairs of texts of one panel, its legend among them, that lie on each other."""
    axes = next(iter(found)).get_figure(root=True).axes
    panels = [[one for one in panel.findobj(Text) if one in found] for panel in axes]
    return [
        (one.get_text(), other.get_text())
        for panel in panels
        for one, other in itertools.combinations(panel, 2)
        if on_each_other(found[one], found[other])
    ]


def on_each_other(one, other):
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > SLACK and down > SLACK


# caption and alternative text


@every_chart
def test_a_chart_has_a_caption_and_a_text_in_its_place(drawn, name):
    chart = drawn[name]
    assert len(chart.caption) > 40
    assert len(chart.alt) > 20
    assert chart.alt != chart.caption


@every_chart
def test_a_text_in_place_of_a_chart_is_no_file_name_and_no_placeholder(drawn, name):
    alt = drawn[name].alt
    assert not re.search(r"\.(png|svg)|\w_\w|no description|image of", alt, re.IGNORECASE)
    assert name not in alt.split()


@every_chart
@pytest.mark.parametrize("words", ["caption", "alt"])
def test_sentences_beside_a_chart_are_whole(drawn, name, words):
    says = getattr(drawn[name], words)
    assert says.endswith(".")
    assert not re.search(r"<NA>|\bnan\b|\bNone\b|\.\s*\.|:\s*\.|  ", says)


def test_a_text_in_place_of_a_chart_says_its_numbers(drawn):
    assert "Discharge to assess, borough A, with 14 people" in drawn["sample"].alt
    assert "A: 36 people listed, 37 implied, 36 interviews." in drawn["reconciliation"].alt
    assert "Impact of existing programmes: 8" in drawn["thematic-map"].alt
    assert "A: 11 top-down" in drawn["activities"].alt


@every_chart
def test_a_chart_carries_the_frame_behind_it(drawn, name):
    assert len(drawn[name].data) > 0


@every_chart
def test_drawing_leaves_the_frames_as_they_were(given, name):
    draw, *parts = given[name]
    held = (
        [*parts[0].values()]
        if isinstance(parts[0], dict)
        else [part for part in parts if hasattr(part, "columns")]
    )
    before = [frame.copy(deep=True) for frame in held]
    draw(*parts)
    for frame, kept in zip(held, before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


# files


@every_chart
def test_a_chart_drawn_twice_has_the_same_bytes(given, drawn, name):
    again = redrawn(given, name)
    assert again.png == drawn[name].png
    assert again.svg == drawn[name].svg


@every_chart
def test_it_does_not_matter_which_file_is_asked_for_first(given, drawn, name):
    again = redrawn(given, name)
    backwards = again.svg, again.png
    assert backwards == (drawn[name].svg, drawn[name].png)


@every_chart
def test_a_png_is_as_wide_as_the_text_of_the_journal(drawn, name):
    picture = PIL.Image.open(io.BytesIO(drawn[name].png))
    assert picture.width == round(WIDTH * DOTS)
    assert round(picture.info["dpi"][0]) == DOTS


@every_chart
def test_a_png_carries_its_text_and_no_version_of_a_program(drawn, name):
    written = PIL.Image.open(io.BytesIO(drawn[name].png)).text
    assert written.keys() == {"Description", DATA}
    assert written["Description"] == drawn[name].alt


@every_chart
def test_an_svg_carries_caption_and_text_and_no_date(drawn, name):
    svg = drawn[name].svg.decode("utf-8")
    assert "<dc:date>" not in svg
    assert "Matplotlib" not in svg
    assert svg.count("<dc:title>") == svg.count("<dc:description>") == 1


def test_a_notebook_shows_the_text_with_the_picture(drawn, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "analysis.outputs.chart.display", lambda *args, **options: shown.append((args, options))
    )
    drawn["voices"]._ipython_display_()
    (picture,), options = shown[0]
    assert picture == {"image/png": drawn["voices"].png, "text/plain": drawn["voices"].alt}
    assert options["metadata"]["image/png"] == {"alt": drawn["voices"].alt, "width": SCREEN}


@every_chart
def test_a_picture_carries_the_data_that_it_draws(drawn, name):
    carried = PIL.Image.open(io.BytesIO(drawn[name].png)).text[DATA]
    drawn_from = drawn[name].data
    assert drawn_from.index.name is None, "what an index says would be lost"
    assert drawn_from.index.dtype == int, "likewise"
    assert carried == formats.csv(drawn_from).decode()


# what a reader sees


@every_chart
def test_no_text_lies_outside_the_picture(seen, name):
    assert outside(seen[name]) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "themes-by-role_group"])
def test_no_text_lies_on_another(seen, name):
    """The chart left out has slanted names, whose outlines are wider than the names."""
    assert overlapping(seen[name]) == []


def test_a_legend_does_not_stand_where_data_could(drawn):
    """A mark of the legend inside the panel reads as a value."""
    assert drawn["voices"].png  # written once, so that everything has its place
    for axes in drawn["voices"].figure.axes:
        legend = axes.get_legend()
        assert legend is None or not on_each_other(axes.get_window_extent(), legend.get_window_extent())


@pytest.mark.parametrize("name", ["sample", "themes-by-role_group"])
def test_a_number_on_a_colour_stands_out_from_it(drawn, name):
    """By the contrast ratio of WCAG 2, of which 3 is the least for anything that has to be seen."""
    (axes,) = drawn[name].figure.axes
    cells = axes.collections[0].get_facecolors()
    pairs = [(one, cell) for one, cell in zip(axes.texts, cells, strict=True) if one.get_text() != "·"]
    faint = [one.get_text() for one, cell in pairs if contrast(one.get_color(), cell) < 3]
    assert faint == []


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


# a study of another size


def counts(rows):
    return pd.DataFrame(rows, columns=["borough", "service", "role_group", "people"])


LONG = "Multidisciplinary community rehabilitation"


def test_long_names_of_services_and_roles_stay_inside_the_picture():
    people = counts([(site, f"{LONG} {n}", f"{LONG} lead {n}", 10 * n) for site in "AB" for n in (1, 2, 3)])
    assert outside(outlines(charts.sample(people, "service", "borough"))) == []
    assert outside(outlines(charts.role_mix(people, "borough"))) == []


def test_long_labels_beside_marks_stay_inside_the_picture():
    rows = [("nurse", 900, 0.9, 100, 0.1, 0.11), (LONG, 100, 0.1, 900, 0.9, 9.0)]
    columns = ["role_group", "people", "people_share", "excerpts", "excerpts_share", "ratio"]
    assert outside(outlines(charts.voices(pd.DataFrame(rows, columns=columns)))) == []


def test_long_names_of_codes_stay_inside_the_picture():
    rows = [("a", None, LONG), ("b", "a", LONG), ("c", "b", LONG)]
    book = text(rows, ["code", "parent", "name"]).assign(level=["dimension", "theme", "subtheme"])
    coded = text([(f"E{n}", "c") for n in range(9)], ["excerpt", "code"])
    assert outside(outlines(charts.thematic_map(codes.tree(book, coded)))) == []


def test_boxes_of_a_thematic_map_hold_their_names():
    """A code without excerpts has the lowest box; its name must not lie on its neighbours' names."""
    rows = [("a", None, "Work"), *[(f"a{n}", "a", "Struggling to deliver expectations") for n in range(4)]]
    book = text(rows, ["code", "parent", "name"]).assign(level=["dimension", *["theme"] * 4])
    coded = text([("E1", "a0")], ["excerpt", "code"])
    assert overlapping(outlines(charts.thematic_map(codes.tree(book, coded)))) == []


def test_a_thematic_map_of_thousands_of_excerpts_still_is_a_picture():
    """A map that grows with every excerpt would be twenty metres high, and its PNG near a gigabyte."""
    book = codebook_of(6)
    coded = text([(f"E{n}", f"t{n % 6}") for n in range(3000)], ["excerpt", "code"])
    chart = charts.thematic_map(codes.tree(book, coded))
    assert chart.figure.get_size_inches()[1] < 30


def codebook_of(size):
    rows = [("top", None, "Top"), *[(f"t{n}", "top", f"Theme {n}") for n in range(size)]]
    return text(rows, ["code", "parent", "name"]).assign(level=["dimension", *["theme"] * size])


def test_themes_that_share_a_name_are_drawn_apart(given):
    """Two themes may each have a code "Other"."""
    draw, readings, by = given["themes-by-borough"]
    alike = {reading: rows.assign(name="Other") for reading, rows in readings.items()}
    assert draw(alike, by).png


def test_people_whose_site_is_blank_are_counted_in_the_chart():
    people = counts([("A", "Wards", "nurse", 3), (None, "Wards", "nurse", 2)])
    assert "all 5 of them" in charts.sample(people, "service", "borough").caption


def test_a_site_whose_interviews_are_not_printed_is_drawn_without_them(paper):
    rows = sample.reconciliation(paper.roster, paper.interviews.head(2), "borough")
    chart = charts.reconciliation(rows, "borough")
    assert outside(outlines(chart)) == []
    assert "<NA>" not in chart.caption + chart.alt


def test_every_mark_that_is_drawn_is_explained():
    rows = pd.DataFrame(
        {"borough": ["A"] * 3, "direction": ["bottom-up", "mixed", "top-down"], "activities": [1, 2, 3]}
    )
    chart = charts.activities(rows.assign(names="x"), "borough")
    assert all(direction in chart.caption for direction in rows["direction"])


def test_a_chart_says_nothing_of_role_groups_that_it_does_not_draw():
    people = counts([("A", "Wards", "service lead", 3), ("A", "Wards", "teacher", 2)])
    assert "hospital" not in charts.role_mix(people, "borough").caption


def test_nobody_missing_leaves_a_whole_sentence():
    people = counts([("A", "Wards", "nurse", 3), ("B", "Wards", "nurse", 2)])
    assert not re.search(r"\.\s*\.", charts.role_mix(people, "borough").alt)


# a study that lacks what a chart draws


def empty(given, name):
    """What a notebook passes when the study has no such rows."""
    draw, *parts = given[name]
    if isinstance(parts[0], dict):
        return draw({reading: rows[:0] for reading, rows in parts[0].items()}, *parts[1:])
    return draw(*[part[:0] if isinstance(part, pd.DataFrame | list) else part for part in parts])


@every_chart
def test_an_empty_frame_gives_a_chart_that_says_so(given, name):
    chart = empty(given, name)
    assert re.search(r"\b(no|nothing|nobody|empty)\b", chart.caption, re.IGNORECASE)
    assert chart.data.empty
    assert outside(outlines(chart)) == []


@every_chart
def test_a_chart_of_nothing_can_be_written(given, name):
    chart = empty(given, name)
    assert PIL.Image.open(io.BytesIO(chart.png)).width == round(WIDTH * DOTS)
    assert chart.svg.startswith(b"<?xml")


def test_every_function_is_drawn_here(given):
    assert {draw.__name__ for draw, *_ in given.values()} == {*charts.__all__}


# the reader's own matplotlib

LOUD = {
    "font.size": 30,
    "font.family": "monospace",
    "figure.facecolor": "red",
    "figure.dpi": 40,
    "savefig.dpi": 30,
    "savefig.bbox": "tight",
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "axes.grid": True,
    "lines.linewidth": 9,
}


@pytest.fixture(scope="module")
def loud(given):
    """The files of each chart under the reader's settings, and whether these were left alone."""

    def make(name):
        with mpl.rc_context(LOUD):
            before, chart = settings(), redrawn(given, name)
            files = chart.png, chart.svg
            return files, settings() == before

    return Kept(make)


def settings():
    """All but the backend, which matplotlib chooses when it is asked for."""
    return {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}


@every_chart
def test_the_readers_settings_do_not_change_a_chart(loud, drawn, name):
    files, _ = loud[name]
    assert files == (drawn[name].png, drawn[name].svg)


@every_chart
def test_drawing_leaves_the_readers_settings_alone(loud, name):
    _, left_alone = loud[name]
    assert left_alone
