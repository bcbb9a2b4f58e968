"""Alembic's configuration for code that migrates a given database (command line, sandbox, tests)."""

from pathlib import Path

from alembic.config import Config


def alembic_config(url: str | None = None) -> Config:
    """For `alembic.command.*`. Without `url` the settings say which database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if url:
        config.attributes["url"] = url
    return config
