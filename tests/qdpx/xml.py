"""XML as text, by hand: a test of a reader is no test if a library has made both ends."""

TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
ATTRIBUTE = TEXT | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def escaped(text: str, signs: dict[str, str] = TEXT) -> str:
    """A text in which no sign is taken for XML."""
    return text.translate(str.maketrans(signs))


def element(tag: str, /, *children: str, says: str = "", **attributes: object) -> str:
    """An element; attributes that are None are absent, and so is a trailing underscore of their names.

    Children that are blank are left out; `says` is its text.
    """
    given = "".join(
        f' {key.rstrip("_").replace("__", ":")}="{escaped(str(value), ATTRIBUTE)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = escaped(says) + "".join(children)
    return f"<{tag}{given}>{inside}</{tag}>" if inside else f"<{tag}{given}/>"


def parent(tag: str, children: list[str], /, **attributes: object) -> str:
    """An element that stands only where it has children."""
    return element(tag, *children, **attributes) if any(children) else ""


def on_lines(xml: str, end: str) -> str:
    """The XML with a line for each tag that no text stands before; no text is changed."""
    return xml.replace("><", f">{end}<")
