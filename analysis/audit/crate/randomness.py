"""Where chance comes into the numbers, and what seed it is given: read from the code itself."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

ROOMS = ("analysis/measures/", "analysis/outputs/", "analysis/study/")
"""Where numbers are made, besides the notebooks."""
GENERATORS = {"default_rng", "RandomState", "SeedSequence", "Random", "SystemRandom"}


@dataclass(frozen=True)
class Seeded:
    """A function that draws, with the seed that it has unless it is given another."""

    module: str
    name: str
    line: int
    seed: int

    @property
    def called(self) -> str:
        """How notebooks call it."""
        return f"{PurePosixPath(self.module).stem}.{self.name}"


def seeded(files: Mapping[str, bytes]) -> list[Seeded]:
    """The functions with a seed of their own."""
    return [
        Seeded(path, node.name, node.lineno, default.value)
        for path, node in _nodes(files)
        if isinstance(node, ast.FunctionDef)
        for name, default in _defaults(node.args)
        if name == "seed" and isinstance(default, ast.Constant) and isinstance(default.value, int)
    ]


def unseeded(files: Mapping[str, bytes]) -> list[tuple[str, int]]:
    """Where a generator is made without a seed, or a shared one is drawn from, in notebooks too."""
    return sorted(
        (path, node.lineno)
        for path, node in [*_nodes(files), *_cells(files)]
        if (isinstance(node, ast.Call) and _name(node.func).split(".")[-1] in GENERATORS and not _given(node))
        or (isinstance(node, ast.Call) and _shared(_name(node.func)))
    )


def used(files: Mapping[str, bytes], functions: list[Seeded]) -> dict[str, list[str]]:
    """The notebooks that call each of the functions, by how they call it."""
    names = {one.called for one in functions}
    found: dict[str, list[str]] = {}
    for path, node in _cells(files):
        if isinstance(node, ast.Call) and _name(node.func) in names:
            found.setdefault(_name(node.func), []).append(path)
    return {name: [*dict.fromkeys(paths)] for name, paths in found.items()}


def overridden(files: Mapping[str, bytes]) -> list[tuple[str, int]]:
    """The calls that give a seed as a number, in notebooks and in the code."""
    return sorted(
        (path, node.lineno)
        for path, node in [*_nodes(files), *_cells(files)]
        if isinstance(node, ast.Call)
        and any(one.arg == "seed" and isinstance(one.value, ast.Constant) for one in node.keywords)
    )


def _nodes(files: Mapping[str, bytes]) -> Iterator[tuple[str, ast.AST]]:
    for path, data in sorted(files.items()):
        if path.endswith(".py") and path.startswith(ROOMS):
            yield from ((path, node) for node in ast.walk(ast.parse(data)))


def _cells(files: Mapping[str, bytes]) -> Iterator[tuple[str, ast.AST]]:
    for path, data in sorted(files.items()):
        if path.startswith("notebooks/"):
            code = ["".join(c["source"]) for c in json.loads(data)["cells"] if c["cell_type"] == "code"]
            yield from ((path, node) for node in ast.walk(ast.parse("\n".join(code))))


def _defaults(args: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    plain = [*args.posonlyargs, *args.args]
    last = plain[len(plain) - len(args.defaults) :]
    yield from ((arg.arg, default) for arg, default in zip(last, args.defaults, strict=True))
    yield from ((arg.arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True))


def _given(call: ast.Call) -> bool:
    return bool(call.args or call.keywords)


def _shared(name: str) -> bool:
    """Whether a call draws from a generator of the whole process."""
    parts = name.split(".")
    return parts[0] == "random" or (
        parts[-2:-1] == ["random"]
        and parts[0] in ("np", "numpy")
        and parts[-1].islower()
        and parts[-1] not in GENERATORS
    )


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
