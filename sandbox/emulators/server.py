"""A threaded HTTP server with kept-alive connections that can also break them, as the outside world does."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from typing_extensions import override

from sandbox.emulators.site import Site
from sandbox.emulators.web import Request, Response

LARGEST_BODY = 64 * 1024 * 1024
KEPT_MEMORY = 24 * 1024 * 1024


class EmulatorServer(ThreadingHTTPServer):
    """Listens on the loopback interface only. Port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, folder: Path | None = None) -> None:
        # Once a block of this size was freed, glibc keeps the memory of large bodies for the next ones (mallopt(3)).
        bytes(KEPT_MEMORY)
        self.site = Site(folder)
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    @override
    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.site.close()

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may leave in the middle of an answer; that is their right."""


@contextlib.contextmanager
def running(port: int = 0, folder: Path | None = None) -> Iterator[EmulatorServer]:
    """The emulators in a thread of this process; `url` on the server tells where."""
    server = EmulatorServer(port, folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="emulators", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: EmulatorServer

    def _serve(self) -> None:
        scene = self.server.site.scene
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self._write(Response(411, b"", {}))
            self.close_connection = True
            return
        body = self.rfile.read(int(length))
        self._write(scene.answer(Request.received(self.command, self.path, dict(self.headers.items()), body)))

    def _write(self, response: Response) -> None:
        if response.dropped:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        lines = [f"HTTP/1.1 {int(response.status)} {self.responses.get(response.status, ('', ''))[0]}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines += [f"Content-Length: {len(response.body)}", "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + response.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """The journal says more."""
