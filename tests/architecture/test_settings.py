"""Every setting is documented, and the environment file carries the names that were promised."""

from pathlib import Path

from click.testing import CliRunner

from tests.factories.source import ROOT
from worker.cli import main
from worker.kit.settings import Settings

PROMISED = Path(__file__).with_name("report_environment.txt")


def test_every_setting_is_described() -> None:
    bare = [name for name, field in Settings.model_fields.items() if len(field.description or "") < 10]
    assert bare == []


def test_the_settings_page_is_what_the_generator_prints() -> None:
    printed = CliRunner().invoke(main, ["settings", "--markdown"])
    assert printed.exit_code == 0
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    assert page.strip() == printed.stdout.strip(), "run: intowork settings --markdown > docs/settings.md"


def test_the_environment_file_carries_the_promised_block_word_for_word() -> None:
    block = PROMISED.read_text("utf-8").strip()
    assert len(block.splitlines()) == 23
    assert block in (ROOT / ".env.example").read_text("utf-8")
