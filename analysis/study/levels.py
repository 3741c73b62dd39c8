"""Which codes a reader is told of one by one: the themes, or what stands in their place."""

import pandas as pd


def themes(codebook: pd.DataFrame) -> list[str]:
    """The codes of the level theme, and each highest code that has neither a theme above it nor below.

    Everything that is coded is below one of them, but for what stands on a code above a theme itself.
    Without levels these are the codes at the top. In the order of the codebook.

    >>> rows = [("work", None, "dimension"), ("pace", "work", "theme"), ("home", None, "dimension")]
    >>> themes(pd.DataFrame(rows, columns=["code", "parent", "level"]))
    ['pace', 'home']
    """
    lines = {code: above(code, codebook) for code in codebook["code"]}
    named = {*codebook.loc[codebook["level"] == "theme", "code"]}
    over = {code for theme in named for code in lines[theme]}
    return [
        code
        for code, line in lines.items()
        if code in named or (code not in over and not named & {*line} and {*line} <= over)
    ]


def above(code: str, codebook: pd.DataFrame) -> list[str]:
    """The codes above a code, nearest first; a chain that comes back ends there."""
    parents = codebook.dropna(subset=["code", "parent"]).set_index("code")["parent"].to_dict()
    line: list[str] = []
    while (code := parents.get(code)) is not None and code not in line:
        line.append(code)
    return line
