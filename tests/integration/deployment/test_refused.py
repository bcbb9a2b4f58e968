"""A service with a wrong setting says in a sentence which, whatever its process is, and never prints a secret."""

from pathlib import Path

import pytest

from sandbox.processes import free_port, wait_until
from tests.integration.deployment.containers import Container
from tests.integration.deployment.files import services

SECRET = "hidden-word"
SENTENCES = (
    "DATABASE_URL or DATABASE_PRIVATE_URL is wrong: has to begin with postgresql://",
    "NEXTAUTH_SECRET is wrong: is shorter than 32 bytes",
)


@pytest.mark.parametrize("name", ["api", "worker", "beat", "flower", "dispatcher", "migrate"])
def test_a_wrong_setting_is_told_in_a_sentence(name: str, tmp_path: Path) -> None:
    service = services(
        {
            "POSTGRES_PASSWORD": SECRET,
            "FLOWER_BASIC_AUTH": f"operator:{SECRET}",
            "API_WORKERS": "1",
        }
    )[name]
    service["environment"] |= {"NEXTAUTH_SECRET": SECRET, "DATABASE_URL": f"mysql://user:{SECRET}@host/name"}
    container = Container(name, service, {"8000": str(free_port())}, tmp_path)
    try:
        container.start()
        assert wait_until(lambda: all(each in container.log.read_text() for each in SENTENCES), seconds=60)
    finally:
        container.remove()
    said = container.log.read_text()
    assert SECRET not in said
    assert "Traceback" not in said
