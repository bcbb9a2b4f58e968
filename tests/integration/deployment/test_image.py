"""The image: what is copied into it, what is installed, and who runs in it."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.integration.deployment.files import ROOT, instructions, locked, stages

OUTSIDE = {"benchmarks", "sandbox"}
LOCK = "requirements.runtime.lock"


def runtime_parts() -> set[str]:
    """The packages and modules that the platform consists of, as pyproject.toml lists them."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {name.removesuffix("*") for name in tool["packages"]["find"]["include"]} - OUTSIDE
    return packages | {f"{name}.py" for name in tool["py-modules"]}


def copied() -> set[str]:
    """What the build stage takes from the checkout."""
    return {source for words in stages()[0] if words[0] == "COPY" for source in words[1:-1]}


def test_what_is_copied_exists_and_passes_the_ignore_file() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    assert {line.removeprefix("!") for line in rules if line.startswith("!")} == copied()
    refused = [line for line in rules if not line.startswith("!")]
    assert {"**/.*", "**/*.key", "**/*.pem"} <= set(rules[rules.index(refused[1]) :]), "behind what is let in"
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_the_whole_platform_is_copied_and_nothing_else() -> None:
    assert copied() - {"pyproject.toml", "alembic.ini", LOCK} == runtime_parts()


def test_directories_keep_their_names() -> None:
    copies = [words[1:] for words in stages()[0] if words[0] == "COPY"]
    assert [words for words in copies if (ROOT / words[0]).is_dir() and words != [words[0], f"./{words[0]}"]] == []


def test_the_image_is_readable_whatever_the_umask_of_the_checkout(tmp_path: Path) -> None:
    run = [words for words in stages()[0] if words[0] == "RUN"][-1]
    command = run[run.index("chmod") :][:-2]
    assert run[-2:] == ["/app", "/opt/venv"]
    private = tmp_path / "api_min" / "schemas"
    private.mkdir(parents=True, mode=0o700)
    (private / "tasks.py").touch(mode=0o600)
    (private / "open.py").touch()
    (private / "open.py").chmod(0o666)
    subprocess.run([*command, tmp_path / "api_min"], check=True)
    assert {oct(each.stat().st_mode & 0o777) for each in private.iterdir()} == {"0o644"}
    assert private.stat().st_mode & 0o055 == 0o055


def test_the_final_stage_is_slim_and_not_root() -> None:
    final = stages()[-1]
    assert len(stages()) == 2
    assert [words[1].rpartition("-")[2] for words in instructions() if words[0] == "ARG"] == ["slim"]
    assert {stage[0][1] for stage in stages()} == {"${PYTHON_IMAGE}"}
    assert [words for words in final if words[0] == "COPY" and words[1] != "--from=build"] == []
    assert [words for words in final if words[0] == "RUN" and {"apt-get", "pip"} & set(words)] == []
    user = [words[1] for words in final if words[0] == "USER"][-1]
    assert all(int(number) > 0 for number in user.split(":"))
    assert "PYTHONDONTWRITEBYTECODE=1" in next(words for words in final if words[0] == "ENV")


def test_the_runtime_lock_agrees_with_the_lock() -> None:
    everything, runtime = locked("requirements.lock"), locked(LOCK)
    assert len(runtime) > 40
    assert {each: version for each, version in runtime.items() if everything.get(each) != version} == {}


def test_the_runtime_lock_holds_every_dependency_and_no_tool() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {canonicalize_name(Requirement(line).name) for line in table["dependencies"]}
    tools = {canonicalize_name(Requirement(line).name) for line in table["optional-dependencies"]["test"]}
    packages = {package for package, _ in locked(LOCK)}
    theirs = {canonicalize_name(Requirement(line).name) for each in wanted for line in requires(each) or ()}
    assert wanted - packages == set(), "run `make lock`"
    assert (tools - wanted - theirs) & packages == set()


def test_what_the_platform_imports_is_in_the_runtime_lock() -> None:
    """Only development needs what only the other lock file holds."""
    own = {Path(name).stem for name in runtime_parts()}
    imported = {name for part in runtime_parts() for name in imports_of(ROOT / part)} - own - sys.stdlib_module_names
    packages = {package for package, _ in locked(LOCK)}
    providers = packages_distributions()
    missing = {name for name in imported if not {canonicalize_name(each) for each in providers[name]} & packages}
    assert missing == set()


def imports_of(part: Path) -> Iterator[str]:
    """The top-level names that a module, or a package's modules, import."""
    for file in [part] if part.is_file() else part.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]
