"""What the network does to a call: what surely did not leave, and what may have."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from tests.contracts.resend.conftest import SHORT, MakeSender, Sender, mail
from tests.factories.emulators import ResendEmulator
from tests.factories.peers import Answer, peer, with_body
from worker.kit.errors import NotSent, UnknownOutcome, Unreachable
from worker.kit.http import CallLimits


@contextlib.contextmanager
def full_queue() -> Iterator[tuple[str, socket.socket]]:
    """An address where connections hang: its queue of unaccepted connections is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        stack.enter_context(socket.create_connection(listener.getsockname()))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", listener


def test_a_refused_connection_sent_nothing(make_sender: MakeSender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        make_sender(f"http://127.0.0.1:{port}").send()
    assert caught.value.code == "provider.unreachable"


def test_an_unknown_host_sent_nothing(make_sender: MakeSender) -> None:
    with pytest.raises(Unreachable):
        make_sender("http://no-such-host.invalid").send()


def test_a_connection_that_takes_too_long_sent_nothing(make_sender: MakeSender) -> None:
    with full_queue() as (url, _), pytest.raises(Unreachable):
        make_sender(url, limits=CallLimits(connect=0.2)).send()


def test_a_window_that_closes_while_connecting_lets_nothing_out(make_sender: MakeSender) -> None:
    received = []
    with full_queue() as (url, listener):

        def accept() -> None:
            listener.accept()[0].close()
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(65536))

        timer = threading.Timer(0.3, accept)
        timer.start()
        sender = make_sender(url)
        with pytest.raises(NotSent):
            sender.send(seconds=0.2)
        timer.join()
    assert received == [b""]


def test_no_answer_in_time_is_unknown(emulator: ResendEmulator, make_sender: MakeSender) -> None:
    emulator.faults(slow_seconds=5.0)
    with pytest.raises(UnknownOutcome):
        make_sender(limits=SHORT).send()


def test_a_drop_after_recording_is_unknown_and_the_repeat_is_harmless(emulator: ResendEmulator, sender: Sender) -> None:
    emulator.faults(drop_after_recording=1.0, times=1)
    with pytest.raises(UnknownOutcome):
        sender.send(mail(1), mail(2))
    receipt = sender.send(mail(1), mail(2))
    assert {message["id"] for message in emulator.mails()[::-1]} == set(receipt.ids)
    assert [entry["status"] for entry in emulator.journal()] == [0, 200]


@pytest.mark.parametrize("fault", ["html_200", "empty_200", "error_5xx_after_recording", "short_answer"])
def test_an_answer_that_cannot_be_trusted_is_unknown(emulator: ResendEmulator, sender: Sender, fault: str) -> None:
    emulator.faults(**{fault: 1.0}, times=1)
    with pytest.raises(UnknownOutcome):
        sender.send(mail(1), mail(2))
    assert len(emulator.mails()[::-1]) == 2
    assert len(sender.send(mail(1), mail(2)).ids) == 2
    assert len(emulator.mails()[::-1]) == 2


@pytest.mark.parametrize("fault", ["error_5xx", "redirect"])
def test_a_failure_without_recording_is_unknown_too(emulator: ResendEmulator, sender: Sender, fault: str) -> None:
    emulator.faults(**{fault: 1.0})
    with pytest.raises(UnknownOutcome):
        sender.send()
    assert emulator.mails()[::-1] == []
    assert [entry["method"] for entry in emulator.journal()] == ["POST"]


@pytest.mark.parametrize(
    "answer",
    [
        with_body('{"data":[{"id":"1"}]}', length=500),
        with_body('{"data":[{"id":"1"},{"id":"2"}]}'),
        with_body('{"data":[{"id":""}]}'),
        with_body('{"data":[{"id":null}]}'),
        with_body('{"data":{"id":"1"}}'),
        with_body("[]"),
        with_body("null"),
        with_body("{"),
        with_body('"yes"'),
        with_body('{"statusCode":422,"name":"validation_error","message":"no"}'),
        with_body('{"data":[{"id":"1"}]}', "302 Found"),
        with_body('{"statusCode":429,"name":"rate_limit_exceeded","message":"no"}', "307 Temporary Redirect"),
        lambda connection: connection.sendall(b"what?\r\n\r\n"),
        lambda connection: None,
    ],
)
def test_a_damaged_or_doubtful_answer_is_unknown(make_sender: MakeSender, answer: Answer) -> None:
    with peer(answer) as url, pytest.raises(UnknownOutcome):
        make_sender(url, limits=CallLimits(read=1.0)).send()


def test_a_reset_connection_is_unknown(make_sender: MakeSender) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with peer(reset) as url, pytest.raises(UnknownOutcome):
        make_sender(url).send()


def test_an_answer_that_drips_ends_with_the_call_s_time(make_sender: MakeSender) -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(100):
            if gone.wait(0.05):
                return
            connection.sendall(b" ")

    started = time.monotonic()
    with peer(drip) as url:
        with pytest.raises(UnknownOutcome):
            make_sender(url, limits=CallLimits(read=0.4, total=0.4)).send()
        gone.set()
    assert time.monotonic() - started < 2
