"""What the documents name exists: files, links, commands, routes, variables; what they tell to run, runs."""

import dataclasses
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import psycopg
import pytest

from api_min import create_app
from tests.factories.source import ROOT, sources
from worker import cli_failover
from worker.catalogue.everything import CATALOGUE
from worker.cli import main
from worker.kit.settings import Settings
from worker.ledger.gap import Gap

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in PAGES}
HANDWRITTEN = "\n".join(TEXTS.values())

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
SQL = re.compile(r"^ *```sql\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
ROUTE = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) (/[a-z][a-z/{}-]*)")
PATH = re.compile(r"(?:api_min|benchmarks|docs|migrations|models|sandbox|tasks|tests|worker)/[\w/.-]*")
EVENT = re.compile(r"^\| `([a-z_.]+)`(?:, `([a-z_.]+)`)? \|", re.MULTILINE)
STATEMENTS = [(name, block) for name, text in TEXTS.items() for block in SQL.findall(text)]

every_page = pytest.mark.parametrize("name", TEXTS)


def code_spans(text: str) -> Iterator[str]:
    yield from CODE.findall(text)
    yield from re.findall(r"^    (\S.*)$", text, re.MULTILINE)


@every_page
def test_links_lead_somewhere(name: str) -> None:
    for target in LINK.findall(TEXTS[name]):
        file, _, heading = target.partition("#")
        page = (ROOT / name).parent / file if file else ROOT / name
        assert page.exists(), target
        assert not heading or heading in anchors(page.read_text("utf-8")), target


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_named_files_exist(name: str) -> None:
    named = {span for span in CODE.findall(TEXTS[name]) if PATH.fullmatch(span)}
    assert {path for path in named if not (ROOT / path).exists()} == set()


@every_page
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {match for span in code_spans(TEXTS[name]) for match in re.findall(r"^make ([a-z-]+)", span)}
    assert named <= targets


@every_page
def test_shell_commands_exist(name: str) -> None:
    for span in code_spans(TEXTS[name]):
        if span.startswith("intowork "):
            follow(span.split()[1:])
        if module := re.match(r"python -m ([\w.]+)", span):
            assert find_spec(module[1]), span


def follow(words: list[str]) -> None:
    """Walk through the command's words as click does; an unknown one, or an unknown option, fails."""
    command: click.Command = main
    context = click.Context(command)
    for word in words:
        if isinstance(command, click.Group):
            found = command.get_command(context, word)
            assert found, f"intowork {' '.join(words)}"
            command = found
        elif word.startswith("--"):
            options = {option for parameter in command.params for option in parameter.opts}
            assert word in options, f"intowork {' '.join(words)}"


def test_routes_exist() -> None:
    app = create_app(Settings(database_url="postgresql://nowhere.invalid/none"))
    known = {re.sub(r"<[^>]+>", "{}", rule.rule) for rule in app.url_map.iter_rules()}
    named = {re.sub(r"{[^}]+}", "{}", route) for route in ROUTE.findall(HANDWRITTEN)}
    assert named <= known


def test_every_address_is_routed_by_the_page_of_going_live() -> None:
    app = create_app(Settings(database_url="postgresql://nowhere.invalid/none"))
    first_column = re.findall(r"^\| (`/.*?) \|", TEXTS["docs/going-live.md"], re.MULTILINE)
    named = [span for column in first_column for span in CODE.findall(column)]
    exact, beginnings = {each for each in named if "*" not in each}, tuple(each[:-1] for each in named if "*" in each)
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {rule for rule in rules - exact if not rule.startswith(beginnings)} == set()


def test_variables_are_settings_or_of_the_containers() -> None:
    aliases: list[Any] = [field.validation_alias for field in Settings.model_fields.values()]
    known = {name.upper() for name in Settings.model_fields}
    known |= {str(choice) for alias in aliases for choice in getattr(alias, "choices", ())}
    containers = (ROOT / ".env.example").read_text("utf-8")
    named = {span for span in CODE.findall(HANDWRITTEN) if re.fullmatch(r"[A-Z]+_[A-Z_]+", span)}
    assert {name for name in named - known if not re.search(rf"^(# )?{name}=", containers, re.MULTILINE)} == set()


LISTED_AFTER_A_FAILOVER = {
    "unsettled": "effects without an answer",
    "sent": "calls",
    "runs": "runs",
    "published": "what was published",
}


def test_the_page_of_a_failover_tells_what_the_command_lists_and_takes() -> None:
    heading = re.search(r'"(.*)" in docs/runbook.md', cli_failover.NEXT)
    assert heading
    page = section(TEXTS["docs/runbook.md"], heading[1])
    assert "`intowork failover`" in page
    assert {option for each in cli_failover.failover.params for option in each.opts} <= set(CODE.findall(page))
    lists = {each.name for each in dataclasses.fields(Gap) if str(each.type).startswith("list")}
    assert set(LISTED_AFTER_A_FAILOVER) == lists
    step = " ".join(page.partition("2. `intowork failover`")[2].partition("3.")[0].split())
    assert [words for words in LISTED_AFTER_A_FAILOVER.values() if words not in step] == []
    assert "| doubled? |" in page


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_log_events_of_the_runbook_are_logged() -> None:
    events = {event for found in EVENT.findall(TEXTS["docs/runbook.md"]) for event in found if "." in event}
    logged = set(
        re.findall(r"\"([a-z_]+\.[a-z_]+)\"", "\n".join(source.text for source in sources("worker", "api_min")))
    )
    assert len(events) >= 8
    assert events <= logged


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_statements_run(name: str, statement: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for each in filter(str.strip, statement.split(";")):
            if task := re.search(r"enqueue_task\('([a-z_.]+)'", each):
                assert task[1] in {definition.name for definition in CATALOGUE}
                connection.execute(
                    "insert into task_catalogue values (%s, 'upkeep', 5, 5, 60, 60, 1, true, '', '{}')", [task[1]]
                )
            connection.execute(each.encode())
        connection.rollback()


def test_the_picture_is_drawn_for_light_and_dark() -> None:
    picture = ROOT / "docs/platform.svg"
    assert ET.fromstring(picture.read_text("utf-8")).tag.endswith("svg")
    assert "prefers-color-scheme: dark" in picture.read_text("utf-8")


def test_decisions_are_numbered_and_listed() -> None:
    folder = ROOT / "docs/decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    listed = LINK.findall((folder / "README.md").read_text("utf-8"))
    assert listed == files
    assert [lines(folder / name) for name in files if lines(folder / name) > 60] == []


def lines(page: Path) -> int:
    return page.read_text("utf-8").count("\n")
