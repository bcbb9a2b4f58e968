import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.client import RemoteDisconnected

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from worker.kit import database
from worker.kit.errors import NotSent, UnknownOutcome, Unreachable
from worker.kit.http import CallLimits, SendWindow, build_session
from worker.kit.http_failures import classify
from worker.kit.time_limits import TimeLimit


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """Answers every request with a redirect and a cookie; keeps the requests."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        received.append(connection.recv(65536))
                        connection.sendall(
                            b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\n"
                            b"Content-Length: 4\r\nConnection: close\r\n\r\nmove"
                        )

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with build_session(CallLimits(connect=1.0, read=2.0, total=2.0, body=1000)) as session:
        yield session


def test_redirects_and_cookies_are_not_followed(session: requests.Session, server: tuple[str, list[bytes]]) -> None:
    url, received = server
    for _ in range(2):
        response = session.post(url, data=b"x", allow_redirects=True)
        assert (response.status_code, response.text, response.history) == (302, "move", [])
    assert [request.split(b" ")[:2] for request in received] == [[b"POST", b"/"]] * 2
    assert all(b"Cookie" not in request for request in received)


def test_a_netrc_file_does_not_replace_the_authorization(
    session: requests.Session,
    server: tuple[str, list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login someone password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    url, received = server
    session.get(url, headers={"Authorization": "Bearer ours"})
    assert b"Authorization: Bearer ours\r\n" in received[0]


def test_a_call_inside_a_transaction_is_refused(
    session: requests.Session, server: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database._open, "depth", 1, raising=False)
    url, received = server
    with pytest.raises(RuntimeError, match="inside a database transaction"):
        session.get(url)
    assert received == []


def test_a_closed_window_lets_nothing_out(session: requests.Session, server: tuple[str, list[bytes]]) -> None:
    url, received = server
    with SendWindow(time.monotonic() - 1).applied(), pytest.raises(NotSent, match="ended 1"):
        session.get(url)
    session.get(url)
    assert [request[:3] for request in received if request] == [b"GET"]


def test_an_open_window_lets_the_call_pass(session: requests.Session, server: tuple[str, list[bytes]]) -> None:
    with SendWindow(time.monotonic() + 5).applied():
        assert session.get(server[0]).status_code == 302


def test_a_host_that_refuses_is_unreachable_and_named(session: requests.Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} could not be reached"):
        session.get(f"http://127.0.0.1:{port}/path?token=secret")


def _wrapped(error: BaseException) -> Exception:
    try:
        try:
            raise error  # noqa: TRY301 - libraries wrap what they catch in place
        except BaseException as inner:
            raise RuntimeError("library") from inner
    except RuntimeError as outer:
        return outer


def _refused() -> NewConnectionError:
    return NewConnectionError(HTTPConnection("127.0.0.1"), "refused")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        socket.gaierror(),
        ssl.SSLCertVerificationError(),
        requests.exceptions.ConnectTimeout(),
        requests.exceptions.ConnectionError(MaxRetryError(None, "/", _refused())),  # type: ignore[arg-type]
        _wrapped(requests.exceptions.ConnectTimeout()),
        _wrapped(Unreachable("x")),
    ],
)
def test_failures_before_sending(error: Exception) -> None:
    assert classify(error) == "not_sent"


def _while_handling_a_refusal() -> Exception:
    try:
        raise ConnectionRefusedError  # noqa: TRY301 - the second error needs the first as its context
    except ConnectionRefusedError:
        try:
            raise requests.exceptions.ReadTimeout  # noqa: TRY301 - as above
        except requests.exceptions.ReadTimeout as error:
            return error


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ReadTimeout(),
        requests.exceptions.ConnectionError(ProtocolError("aborted", RemoteDisconnected("closed"))),
        requests.exceptions.ChunkedEncodingError(),
        ConnectionResetError(),
        TimeoutError(),
        ValueError(),
        _wrapped(requests.exceptions.ReadTimeout()),
        _while_handling_a_refusal(),
    ],
)
def test_everything_else_is_unknown(error: Exception) -> None:
    assert classify(error) == "unknown"


def test_calls_of_somebody_who_waits_end_with_his_patience(silent_server: str) -> None:
    """However long their session would let them last, and however many there are."""
    began = time.monotonic()
    with build_session() as patient, TimeLimit(began + 0.3).applied():
        for _ in range(3):
            with pytest.raises((UnknownOutcome, Unreachable)):
                patient.get(silent_server)
    assert time.monotonic() - began < 10


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
