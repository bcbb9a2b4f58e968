"""The deployment files as Docker reads them: Compose's interpolation, the environment file, the Dockerfile's lines."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"
OVER_TLS = ROOT / "docker-compose.tls.yml"
ENVIRONMENT = ROOT / ".env.example"

VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?:(:-|:\?)([^${}]*))?\}")
ASSIGNMENT = re.compile(r"^(# )?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


class MissingVariable(Exception):
    """`${NAME:?sentence}` without a value: the sentence."""


def interpolate(text: str, environment: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}` and `${NAME:?sentence}`, nested ones from the inside."""

    def value(found: re.Match[str]) -> str:
        name, operator, rest = found.groups()
        if given := environment.get(name):
            return given
        if operator == ":?":
            raise MissingVariable(rest)
        return str(rest or "")

    while VARIABLE.search(text):
        text = VARIABLE.sub(value, text)
    if "$" in text:
        raise ValueError(f"docker-compose.yml: {text!r} holds a $ that is no variable of ours.")
    return text


def _everywhere(node: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return interpolate(node, environment)
    if isinstance(node, list):
        return [_everywhere(each, environment) for each in node]
    if isinstance(node, dict):
        return {key: _everywhere(each, environment) for key, each in node.items()}
    return node


def services(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services of docker-compose.yml by name, with every variable replaced."""
    document = yaml.safe_load(COMPOSE.read_text())
    found: dict[str, dict[str, Any]] = _everywhere(document["services"], environment)
    return found


def compose_variables() -> set[str]:
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", COMPOSE.read_text() + OVER_TLS.read_text()))


def variables() -> dict[str, tuple[bool, str]]:
    """Every variable of .env.example, set or shown: (whether it is set, its value)."""
    found = ASSIGNMENT.findall(ENVIRONMENT.read_text())
    return {name: (not comment, value) for comment, name, value in found}


def instructions(name: str = "Dockerfile") -> list[list[str]]:
    """The Dockerfile's instructions as words, continuation lines joined, comments left out."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line.strip()]


def stages() -> list[list[list[str]]]:
    """The instructions of each stage, each beginning with its FROM; what stands before the first is left out."""
    found: list[list[list[str]]] = []
    for words in instructions():
        if words[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(words)
    return found


def locked(name: str) -> dict[tuple[str, str], str]:
    """(package, condition) -> version of a lock file."""
    lines = re.findall(r"^([a-z0-9-]+)==([^ ;]+)(?: ; ([^\\\n]+?))? \\$", (ROOT / name).read_text(), re.MULTILINE)
    return {(package, condition): version for package, version, condition in lines}
