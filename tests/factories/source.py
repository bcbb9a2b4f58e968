"""The checkout's own source, parsed once, for rules that no linter knows."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLATFORM = ("api_min", "migrations", "models", "tasks", "worker", "celeryconfig.py")
EVERYTHING = (*PLATFORM, "benchmarks", "sandbox", "tests")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the checkout's root with forward slashes, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parse(self.path, self.text)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def where(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        return f"{self.path}:{node.lineno}"


@cache
def _parse(path: str, text: str) -> ast.Module:
    return ast.parse(text, filename=path)


@cache
def sources(*rooms: str) -> tuple[Source, ...]:
    """Every Python file below these folders (or these files themselves), by path."""
    found = []
    for room in rooms:
        start = ROOT / room
        files = [start] if start.is_file() else sorted(start.rglob("*.py"))
        found += [Source(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]
    return tuple(found)


def attributes(source: Source) -> Iterator[tuple[str, ast.Attribute]]:
    """Every `name.attribute` in a file, as text with its node."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node), node


def strings(source: Source) -> Iterator[tuple[str, ast.Constant]]:
    """Every text in a file, docstrings too, with its node."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node


@cache
def statements(*rooms: str) -> tuple[tuple[str, str, str], ...]:
    """Every text but docstrings, as (path, place, text). What is filled into a text reads `{name}`."""
    return tuple((source.path, source.where(node), text) for source in sources(*rooms) for text, node in _texts(source))


def _texts(source: Source) -> Iterator[tuple[str, ast.expr]]:
    nodes = list(ast.walk(source.tree))
    passed = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    passed |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(_part(each) for each in node.values), node
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value, node


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.FormattedValue):
        return f"{{{ast.unparse(node.value)}}}"
    return str(node.value) if isinstance(node, ast.Constant) else ""
