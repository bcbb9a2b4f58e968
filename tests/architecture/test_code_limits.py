"""The house's numbers and habits, where no linter knows them. Each exception stands here with its reason."""

import ast
import tomllib
from collections.abc import Sequence

import pytest

from tests.factories.source import EVERYTHING, PLATFORM, ROOT, attributes, sources, strings

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
ROOMS = {"api_min", "benchmarks", "docs", "migrations", "models", "sandbox", "tasks", "tests", "worker"}

# These two are the public face of their package: the application factory, and the list of handlers.
SPEAKING_PACKAGES = {"api_min/__init__.py", "tasks/__init__.py"}

LOADS_BY_NAME = {
    "worker/wiring.py": "providers are loaded on first use, because some import slowly",
    "migrations/env.py": "every file of models/ must have filled the metadata",
}

# The one place is pydantic-settings in worker/kit/settings.py, which needs neither name.
MAY_READ_THE_ENVIRONMENT = {
    "benchmarks/": "starts processes and hands them their environment",
    "sandbox/": "starts processes and hands them their environment",
    "tests/": "starts processes, and chooses the size of a run",
}

CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
COMMITTING = ("commit", "rollback", "begin", "transaction", "direct")


def functions(*rooms: str) -> list[tuple[int, str]]:
    """How many lines each function has, and where it stands."""
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{source.where(node)} {node.name}")
        for source in sources(*rooms)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def too_long(rooms: Sequence[str], longest: int) -> list[str]:
    return [source.path for source in sources(*rooms) if source.text.count("\n") > longest]


def test_functions_are_short() -> None:
    assert [where for lines, where in functions(*EVERYTHING) if lines > LONGEST_FUNCTION] == []
    assert [where for lines, where in functions("worker", "api_min") if lines > 40] == []


def test_nine_functions_of_ten_fit_a_glance() -> None:
    lengths = sorted(lines for lines, _ in functions("worker", "api_min"))
    assert lengths[len(lengths) * 9 // 10] <= 16


def test_files_are_short() -> None:
    assert too_long(EVERYTHING, LONGEST_FILE) == []
    assert too_long(("worker", "api_min", "tasks", "models"), 300) == []


def test_imports_stand_at_the_top() -> None:
    hidden = [
        source.where(inner)
        for source in sources(*EVERYTHING)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_modules_are_loaded_by_name_in_few_places() -> None:
    loading = {
        source.path
        for source in sources(*PLATFORM)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith(("import_module", "__import__"))
    }
    assert loading == set(LOADS_BY_NAME)


def test_package_files_are_empty() -> None:
    speaking = {
        source.path for source in sources(*EVERYTHING) if source.path.endswith("/__init__.py") and source.text.strip()
    }
    assert speaking <= SPEAKING_PACKAGES


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {(ROOT / source.path).parent for source in sources(*EVERYTHING)} - {ROOT}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_there_are_no_other_rooms() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= ROOMS


def test_every_room_of_the_library_has_its_place_in_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = " ".join(next(contract for contract in contracts if contract["id"] == "one-way")["layers"])
    named = {name.strip(" ()") for name in layers.replace("|", " ").split()}
    rooms = {f"worker.{path.stem}" for path in (ROOT / "worker").iterdir() if not path.name.startswith("__")}
    assert rooms <= named


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        source.where(node)
        for source in sources(*EVERYTHING)
        if not source.path.startswith(tuple(MAY_READ_THE_ENVIRONMENT))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and ast.unparse(node).removeprefix("os.") in ("environ", "environb", "getenv")
    ]
    assert readers == []


def test_the_platform_does_not_name_the_sandbox() -> None:
    named = [
        source.where(node)
        for source in sources(*PLATFORM)
        for text, node in strings(source)
        if text.startswith(("sandbox.", "sandbox:"))
    ]
    assert named == []


def test_only_the_wiring_spells_a_provider() -> None:
    spelled = {
        source.path for source in sources(*PLATFORM) for text, _ in strings(source) if "worker.providers." in text
    }
    assert spelled <= {"worker/wiring.py"}


@pytest.mark.parametrize("room", ["worker/services", "worker/providers", "tasks", "models"])
def test_only_the_edge_commits(room: str) -> None:
    edges = [
        source.where(node)
        for source in sources(room)
        for _, node in attributes(source)
        if node.attr in COMMITTING and ast.unparse(node).removeprefix("self.") != "context.transaction"
    ]
    assert edges == [], (
        "work on the connection that was handed in, or in a step of the run's context; the ledger commits"
    )


def test_the_api_commits_by_leaving_its_transaction() -> None:
    by_hand = [
        source.where(node)
        for source in sources("api_min")
        for _, node in attributes(source)
        if node.attr in ("commit", "rollback")
    ]
    assert by_hand == []


@pytest.mark.parametrize("room", ["worker/ledger", "worker/services", "tasks", "models"])
def test_postgres_is_the_only_clock(room: str) -> None:
    clocks = [source.where(node) for source in sources(room) for text, node in attributes(source) if text in CLOCKS]
    assert clocks == [], "use now() of the transaction, or take the time as an argument"


def test_no_celery_retries_and_no_delays_in_the_broker() -> None:
    delays = [
        source.where(node)
        for source in sources("tasks", "worker", "api_min", "celeryconfig.py")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.keyword) and node.arg in ("countdown", "eta", "autoretry_for")
    ]
    assert delays == [], "times and retries live in Postgres (run_at), never in the broker"


def test_a_test_is_skipped_for_a_stated_means_only() -> None:
    """What is skipped, and why, is told before the tests start."""
    skipping = {"skip", "skipif", "importorskip"}
    places = [
        source.where(node)
        for source in sources("tests")
        if source.path != "tests/means.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in skipping
    ]
    assert places == []
