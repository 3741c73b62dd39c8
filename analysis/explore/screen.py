"""The screen in JupyterLab: what is chosen on the left is counted on the right, and may be kept."""

import asyncio
import html
import os
from collections.abc import Callable

import ipywidgets as widgets
import pandas as pd
from itables.widget import ITable

from analysis import PAPER
from analysis import study as studies
from analysis.explore import views
from analysis.explore.looking import MOST, Looking
from analysis.explore.parts import HeatMap, Tree
from analysis.explore.views import View, ViewError
from analysis.outputs import formats
from analysis.outputs.sentences import alike

STUDY = "ANALYSIS_STUDY"
"""Names the study that `make lab` was given."""
QUOTATIONS, NUMBERS, TEXTS = range(3)
NUMBERED = '<div class="analysis-numbers" role="region" aria-label="Numbers" tabindex="0">{}</div>'
SOON = 0.05
"""Seconds after which intervals are computed: what is pressed meanwhile is answered first."""
READ = {
    "layout": {"topStart": "info", "topEnd": "search", "bottomStart": None, "bottomEnd": "paging"},
    "pageLength": 10,
    "maxBytes": 0,  # else rows would be left out
    "showIndex": False,
    "autoWidth": False,
    "order": [],
}
"""How tables to be read are shown."""


def screen(study: str = "") -> widgets.Widget:
    """The screen, on a study by name, or on that which `make lab` was given."""
    return Screen(study or os.environ.get(STUDY) or PAPER).whole


class Screen:
    """The parts of the screen, and what happens when one of them is changed."""

    def __init__(self, study: str) -> None:
        self.looking: Looking | None = None
        self.quiet = False
        self.due: asyncio.TimerHandle | None = None
        self._choices()
        self._shown()
        left = [self.study, self.by, self.unit, self.codes, self.filters, self.name, self.keep, self.kept]
        right = [self.said, self.heat, self.tabs]
        self.whole = widgets.HBox(
            [_column(left, "310px"), _column(right, "calc(100% - 330px)")],
            layout={"align_items": "flex-start"},
        )
        names = [*dict.fromkeys([*studies.names(), study])]
        self.study.options = names
        self._listen()
        self.study.value = study
        if self.looking is None:  # the first of the list is there without having been chosen
            self._open()

    def _choices(self) -> None:
        wide = {"layout": {"width": "300px"}, "style": {"description_width": "70px"}}
        self.study = widgets.Dropdown(description="Study", **wide)
        self.by = widgets.Dropdown(description="Grouping", **wide)
        self.unit = widgets.ToggleButtons(
            options=["excerpts", "people"],
            style={"button_width": "110px"},
            tooltips=["Count excerpts", "Count people"],
        )
        self.codes = Tree(title="Codes")
        self.filters = Tree(title="Only people of")
        self.name = widgets.Text(description="View", placeholder="a name for it", **wide)
        self.keep = widgets.Button(description="Keep this view", icon="save", layout={"width": "300px"})
        self.kept = widgets.HTML()

    def _shown(self) -> None:
        self.said = widgets.HTML()
        self.heat = HeatMap()
        self.about, self.rows = widgets.HTML(), _to_read("quotations")
        self.table = widgets.HTML()
        self.phrase = widgets.Text(
            description="Words", placeholder="a word, or several in a row", continuous_update=False
        )
        self.found, self.places = widgets.HTML(), _to_read("places")
        behind = widgets.VBox([self.about, self.rows])
        texts = widgets.VBox([self.phrase, self.found, self.places])
        self.tabs = widgets.Tab(
            [behind, self.table, texts],
            titles=["Quotations", "Numbers", "In the texts"],
            selected_index=NUMBERS,
        )

    def _listen(self) -> None:
        self.study.observe(lambda _: self._open(), "value")
        for part, trait in (
            (self.by, "value"),
            (self.unit, "value"),
            (self.codes, "picked"),
            (self.filters, "picked"),
        ):
            part.observe(self._unless_quiet(self._look), trait)
        self.heat.observe(self._unless_quiet(self._behind), "pressed")
        self.phrase.observe(self._unless_quiet(self._search), "value")
        self.tabs.observe(self._unless_quiet(self._count), "selected_index")
        self.keep.on_click(self._unless_quiet(self._keep))

    def _unless_quiet(self, act: Callable[[], None]) -> Callable[[object], None]:
        """Act on what the user has changed, and not on what follows from it; say so if that fails."""

        def acted(_: object) -> None:
            if self.looking and not self.quiet:
                try:
                    act()
                except Exception as error:  # noqa: BLE001 - nobody sees what is raised here
                    self.quiet = False
                    self.said.value = _paragraph(f"This cannot be shown: {type(error).__name__}: {error}")

        return acted

    def view(self) -> View:
        """What is chosen at this moment."""
        within = tuple(self.filters.picked)
        return View(
            self.by.value, self.unit.value, tuple(self.codes.picked), within, self.phrase.value.strip()
        )

    def _open(self) -> None:
        """Read the study, or say what is wrong with it."""
        name, self.looking = self.study.value, None
        self.said.value = _paragraph(f"Reading and checking {name} …")
        try:
            looking = Looking(studies.load(name))
        except studies.StudyError as error:
            self.said.value = f"<pre>{html.escape(str(error))}</pre>"
            self.heat.draw(caption="", rows=[], columns=[], cells=[])
            return
        self.looking, self.quiet = looking, True
        self.by.options = [(alike(one), one) for one in looking.record.groupings]
        self.by.value = next(iter(looking.record.compare), looking.record.groupings[0])
        self.unit.value, self.phrase.value, self.kept.value = "excerpts", "", ""
        self._list_codes(looking)
        self._list_attributes(looking)
        self.quiet = False
        self._unless_quiet(self._look)(None)

    def _list_codes(self, looking: Looking) -> None:
        tree = looking.tree
        everything = [*tree["code"]]
        self.codes.nodes = [
            {"id": row.code, "parent": row.parent if isinstance(row.parent, str) else "", "open": True}
            | {"name": row.name, "note": str(row.excerpts), "heading": False}
            for row in tree[["code", "parent", "name", "excerpts"]].itertuples(index=False)
        ]
        self.codes.shortcuts = {"upper levels": looking.upper, "all": everything}
        self.codes.picked = looking.upper

    def _list_attributes(self, looking: Looking) -> None:
        nodes = []
        for name, values in looking.attributes.items():
            head = {"id": name, "parent": "", "name": alike(name), "heading": True, "open": False}
            nodes.append(head | {"note": ""})
            below = [{"id": f"{name}={value}", "parent": name, "name": value} for value in values]
            nodes += [one | {"note": "", "heading": False, "open": False} for one in below]
        self.filters.nodes, self.filters.shortcuts, self.filters.picked = nodes, {"everybody": []}, []

    def _look(self) -> None:
        """Count anew, and empty what was behind the cell that was pressed."""
        view, self.quiet = self.view(), True
        shown = self.looking.map(view)
        self.heat.pressed = ["", ""]
        self.heat.draw(**vars(shown))
        self.said.value = "".join(_paragraph(one) for one in self.looking.sentences(view))
        self.about.value = _paragraph(
            "Press a cell of the table above: what is behind its number stands here."
        )
        self.rows.update(pd.DataFrame())
        self.kept.value = ""
        if self.tabs.selected_index == QUOTATIONS:
            self.tabs.selected_index = NUMBERS
        self.quiet = False
        self._search()
        self._count()

    def _count(self) -> None:
        """Intervals take longest, so they come last, and only while somebody looks at them."""
        if self.due:
            self.due.cancel()
        if self.tabs.selected_index == NUMBERS:
            self.table.value = _paragraph("Computing intervals …")
            self.due = _soon(self._fill_numbers)

    def _fill_numbers(self) -> None:
        rows = self.looking.numbers(self.view())
        self.table.value = NUMBERED.format(formats.html_frame(rows, MOST))

    def _behind(self) -> None:
        code, group = self.heat.pressed
        if code:
            said, rows = self.looking.behind(self.view(), code, group)
            self._list(rows, said, self.about, self.rows)
            self.tabs.selected_index = QUOTATIONS

    def _search(self) -> None:
        view = self.view()
        said, rows = self.looking.places(view)
        said = said if view.phrase else "Words are looked for in all excerpts that are looked at."
        self._list(rows, said, self.found, self.places)

    def _list(self, rows: pd.DataFrame, said: str, about: widgets.HTML, table: ITable) -> None:
        about.value = _paragraph(said)
        table.update(rows.reset_index(drop=True))

    def _keep(self) -> None:
        """Keep the view as a file, and say how to run it."""
        name = self.looking.record.name
        try:
            path = views.keep(self.view(), self.name.value, name)
        except (ViewError, OSError) as error:
            self.kept.value = _paragraph(str(error))
            return
        command = f"make reproduce VIEW={path.stem} STUDY={name}"
        self.kept.value = (
            _paragraph("Kept. To run it as a notebook:") + f"<code>{html.escape(command)}</code>"
        )


def _soon(act: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Act a moment later; at once, where nothing goes on in between."""
    try:
        return asyncio.get_running_loop().call_later(SOON, act)
    except RuntimeError:
        act()
        return None


def _column(parts: list[widgets.Widget], width: str) -> widgets.VBox:
    return widgets.VBox(parts, layout={"width": width, "min_width": "300px", "overflow": "visible"})


def _to_read(kind: str) -> ITable:
    """A table whose long texts wrap."""
    return ITable(pd.DataFrame(), classes=f"display compact analysis-read analysis-{kind}", **READ)


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 .4em; line-height:1.4">{html.escape(text)}</p>'
