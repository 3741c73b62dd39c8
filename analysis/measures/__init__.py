"""The measures: frames in, frames out. Nothing here reads or writes a file."""

MIN_PEOPLE = 5
"""The threshold when none is given: fewer people than this are not told apart."""
BY_HAND = "chosen by hand"
"""Why a cell of a joint display has its quotation, if its rule was not asked."""
SILENT = {
    "none": "no excerpt of the group stands under the theme",
    "unsaid": "the record does not say which quotations are from here",
    "notes": "what stands here is no quotation with a text",
    "uncleared": "no quotation from here is cleared for publication",
    "elsewhere": "its quotations stand in other cells",
}
"""Why a cell of a joint display has none."""
