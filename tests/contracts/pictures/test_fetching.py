"""Pictures of offers, from wherever employers keep them: bounded, looked at, and never from inside the house."""

from collections.abc import Iterator

import pytest

from worker.kit.errors import Refused, Retryable
from worker.kit.http import CallLimits
from worker.providers.pictures.client import LARGEST, Pictures


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    """As on a laptop, where a server of pictures is this machine."""
    client = Pictures(ports="443", local=True)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("name", "media_type"), [("team.png", "image/png"), ("team.jpg", "image/jpeg"), ("team.gif", "image/gif")]
)
def test_a_picture_is_what_its_own_bytes_say(pictures: Pictures, emulator_url: str, name: str, media_type: str) -> None:
    found = pictures.fetch(f"{emulator_url}/pictures/{name}")
    assert (found.media_type, len(found.content) > 100) == (media_type, True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("large.png", "larger than 10 MB"),
        ("wide.png", "7000 × 6000 pixels"),
        ("page.png", "no picture that can be read"),
        ("moved.png", "answers 302"),
        ("missing.png", "answers 404"),
    ],
)
def test_what_no_network_would_take_is_refused_with_the_reason(
    pictures: Pictures, emulator_url: str, name: str, why: str
) -> None:
    with pytest.raises(Refused, match=why) as caught:
        pictures.fetch(f"{emulator_url}/pictures/{name}")
    assert caught.value.code == "picture.unusable"


def test_a_server_that_is_broken_may_be_asked_again(pictures: Pictures, emulator_url: str) -> None:
    with pytest.raises(Retryable):
        pictures.fetch(f"{emulator_url}/pictures/broken.png")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://files.example/a.png",
        "http://pictures.example/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://169.254.169.254/latest/meta-data",
        "https://inside.local/a.png",
        "https://user:secret@pictures.example/a.png",
        "https://pictures.example:5432/a.png",
    ],
)
def test_nothing_is_fetched_from_inside_the_house(address: str) -> None:
    client = Pictures(ports="443", resolve=lambda _host, _port: ["93.184.216.34"])
    with pytest.raises(Refused, match="was left out") as caught:
        client.fetch(address)
    assert "secret" not in str(caught.value)
    client.close()


def test_a_name_that_leads_inside_is_refused_when_it_is_connected_to() -> None:
    client = Pictures(ports="443", resolve=lambda _host, _port: ["10.0.0.5"])
    with pytest.raises(Refused, match="not a public one"):
        client.fetch("https://pictures.example/a.png")
    client.close()


def test_a_body_without_end_is_cut_off(emulator_url: str) -> None:
    client = Pictures(ports="443", local=True, limits=CallLimits(body=1000))
    with pytest.raises(Refused, match="larger than"):
        client.fetch(f"{emulator_url}/pictures/team.png")
    client.close()
    assert LARGEST == 10 * 1024 * 1024
