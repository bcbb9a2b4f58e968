"""A delivery leaves the house: names are looked up once, where they lead is checked then, and TLS holds the name."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contracts.webhooks.conftest import MakeClient, deliver
from tests.factories.certificates import tls_server
from tests.factories.emulators import ReceiverEmulator
from worker.contracts.partners import Receipt
from worker.kit.errors import Unreachable
from worker.kit.public_addresses import NotPublic

HOST = "hooks.partner.example"


class Names:
    """A resolver: what each look-up finds, the last one for all that follow."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_the_certificate_is_the_hosts_although_an_address_is_connected_to(
    make_client: MakeClient, tmp_path: Path
) -> None:
    names = Names(["127.0.0.1"])
    with tls_server(HOST, tmp_path) as server:
        client = make_client(local=True, resolve=names, certificates=str(server.certificate))
        assert deliver(client, f"https://{HOST}:{server.port}/in?key=1") == Receipt(204)
    assert names.asked == [(HOST, server.port)]
    assert server.names == [HOST]
    assert server.received[0].startswith(b"POST /in?key=1 HTTP/1.1\r\n")
    assert f"Host: {HOST}:{server.port}\r\n".encode() in server.received[0]


def test_another_hosts_certificate_ends_the_call_before_anything_is_sent(
    make_client: MakeClient, tmp_path: Path
) -> None:
    with tls_server("other.example", tmp_path) as server:
        client = make_client(local=True, resolve=Names(["127.0.0.1"]), certificates=str(server.certificate))
        with pytest.raises(Unreachable, match=HOST):
            deliver(client, f"https://{HOST}:{server.port}/")
    assert server.received == []


def test_a_name_that_moves_into_the_house_is_refused_when_it_is_delivered_to(make_client: MakeClient) -> None:
    names = Names(["127.0.0.1"])
    client = make_client(resolve=names)
    for found in (
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["169.254.169.254"],
        ["fd00::1"],
    ):
        names.answers = [found]
        with pytest.raises(NotPublic):
            deliver(client, f"https://{HOST}/in")
    assert len(names.asked) == 5


def test_what_was_looked_up_is_connected_to_and_is_not_looked_up_again(
    make_client: MakeClient, receiver: ReceiverEmulator
) -> None:
    """A name that means something else a moment later: the second answer is never asked for."""
    port = int(receiver.url.rpartition(":")[2])
    names = Names(["127.0.0.1"], ["192.0.2.1"])
    client = make_client(local=True, resolve=names)
    assert deliver(client, f"http://rebinding.example:{port}/receiver/offers") == Receipt(204)
    assert names.asked == [("rebinding.example", port)]
    [came] = receiver.deliveries()
    assert came["headers"]["host"] == f"rebinding.example:{port}"


def test_the_next_address_is_tried_when_the_first_is_silent(
    make_client: MakeClient, receiver: ReceiverEmulator
) -> None:
    port = int(receiver.url.rpartition(":")[2])
    client = make_client(local=True, resolve=Names(["127.0.0.2", "127.0.0.1"]))
    assert deliver(client, f"http://two.example:{port}/receiver/offers") == Receipt(204)
    with pytest.raises(Unreachable):
        deliver(make_client(local=True, resolve=Names(["127.0.0.2", "127.0.0.3"])), f"http://none.example:{port}/")


def test_no_proxy_of_the_environment_looks_names_up_for_us(
    make_client: MakeClient, receiver: ReceiverEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    port = int(receiver.url.rpartition(":")[2])
    client = make_client(local=True, resolve=Names(["127.0.0.1"]))
    assert deliver(client, f"http://direct.example:{port}/receiver/offers") == Receipt(204)


def test_an_address_that_is_none_is_not_even_looked_up(make_client: MakeClient) -> None:
    names = Names(["93.184.216.34"])
    client = make_client(resolve=names)
    for url in (f"http://{HOST}/", f"https://{HOST}:5432/", f"https://user:word@{HOST}/", "https://127.0.0.1/"):
        with pytest.raises(NotPublic):
            deliver(client, url)
    assert names.asked == []
