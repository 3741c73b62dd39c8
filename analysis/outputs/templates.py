"""Pages made of templates: the prose stands in files of its own, and values are put into it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2


def filled(
    folder: Path, name: str, values: Mapping[str, object], filters: Mapping[str, Callable] | None = None
) -> bytes:
    """A template of a folder with values in it, in HTML escaped ones. One that is missing is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=jinja2.select_autoescape(["html"]),
    )
    environment.filters |= filters or {}
    return environment.get_template(name).render(values).encode()
