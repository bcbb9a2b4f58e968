"""Servers of one connection, for answers that no emulator gives."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]


@contextlib.contextmanager
def peer(answer: Answer, received: list[bytes] | None = None) -> Iterator[str]:
    """Reads one request and then does what `answer` says. received: where the beginning of the request is kept."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                request = connection.recv(65536)
                if received is not None:
                    received.append(request)
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def with_body(text: str, status: str = "200 OK", *, length: int | None = None) -> Answer:
    """length: what the head promises, when not the truth."""
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + body)
