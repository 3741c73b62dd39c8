"""What the screen is made of and nobody has made yet: a tree of boxes to tick, a table of counts to press."""

from pathlib import Path

import anywidget
import traitlets

STATIC = Path(__file__).with_name("static")


class Tree(anywidget.AnyWidget):
    """A tree of boxes: `nodes` with `id`, `parent` (blank at the top), `name` and `note`, in reading order.

    A node that is a `heading` has no box, and one that is `open` shows what is below it. `picked` has the
    ids that are ticked; `shortcuts` are words that tick the ids beside them.
    """

    _esm, _css = STATIC / "tree.js", STATIC / "screen.css"
    title = traitlets.Unicode().tag(sync=True)
    nodes = traitlets.List(traitlets.Dict()).tag(sync=True)
    shortcuts = traitlets.Dict().tag(sync=True)
    picked = traitlets.List(traitlets.Unicode()).tag(sync=True)


class HeatMap(anywidget.AnyWidget):
    """A shaded table whose cells can be pressed; `pressed` is the pair of ids of the last one.

    It is drawn anew whenever `drawn` has another number, so that rows, columns and cells change together.
    """

    _esm, _css = STATIC / "heat.js", STATIC / "screen.css"
    caption = traitlets.Unicode().tag(sync=True)
    corner = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    cells = traitlets.List(traitlets.List(traitlets.Dict())).tag(sync=True)
    pressed = traitlets.List(traitlets.Unicode(), default_value=["", ""]).tag(sync=True)
    drawn = traitlets.Int().tag(sync=True)

    def draw(self, **shown: object) -> None:
        """Show other rows, columns and cells, in one step."""
        with self.hold_sync():
            for name, value in shown.items():
                setattr(self, name, value)
            self.drawn += 1
