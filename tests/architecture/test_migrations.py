"""Migrations are linear and numbered; every one can be taken back."""

import ast
import re
from pathlib import Path

import pytest
from alembic.script import Script, ScriptDirectory

from migrations.config import alembic_config
from migrations.shared_tables import TABLES
from tests.factories.source import Source, sources, strings

TOUCHES_SHARED = re.compile(
    rf"\b(table|on|references|into|update|from)\s+(only\s+)?(public\.)?({'|'.join(TABLES)})\b", re.IGNORECASE
)


def scripts() -> list[Script]:
    """From the first to the last."""
    return list(ScriptDirectory.from_config(alembic_config()).walk_revisions())[::-1]


def test_one_line_without_forks() -> None:
    directory = ScriptDirectory.from_config(alembic_config())
    assert len(directory.get_bases()) == 1
    assert len(directory.get_heads()) == 1
    assert [script.module.__name__ for script in scripts() if script.is_branch_point or script.is_merge_point] == []


def test_numbers_follow_each_other_and_name_the_files() -> None:
    expected = [f"{number:04}" for number in range(1, len(scripts()) + 1)]
    assert [script.revision for script in scripts()] == expected
    assert [script.down_revision for script in scripts()] == [None, *expected[:-1]]
    assert [Path(script.path).name.partition("_")[0] for script in scripts()] == expected


def test_every_migration_says_what_it_does_and_can_be_taken_back() -> None:
    for script in scripts():
        tree = ast.parse(Path(script.path).read_text("utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert {"upgrade", "downgrade"} <= functions, script.path
        assert len(script.doc or "") > len("empty message"), script.path


def migrations() -> list[Source]:
    return [source for source in sources("migrations/versions") if not source.path.endswith("__init__.py")]


@pytest.mark.parametrize("source", migrations(), ids=lambda source: source.path.rpartition("/")[2])
def test_shared_tables_are_touched_in_steps_only(source: Source) -> None:
    """What `migrations/steps.py` runs holds its locks shortly, comes back and can be broken off."""
    touching = [source.where(node) for text, node in strings(source) if TOUCHES_SHARED.search(text)]
    imported = {
        f"{node.module}.{name.name}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    if touching:
        assert "migrations.steps.run" in imported, f"{touching[0]}: use Step and run of migrations/steps.py"
        assert "alembic.op" not in imported, f"{touching[0]}: statements go through Step, not through alembic.op"
