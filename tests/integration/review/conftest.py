"""The fixtures of the services' tests: a database per file and the provider's emulator."""

from tests.integration.services.conftest import database_url, emulator, emulator_url, module_database_url, platform

__all__ = ["database_url", "emulator", "emulator_url", "module_database_url", "platform"]
