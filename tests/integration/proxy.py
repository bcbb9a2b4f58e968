"""A proxy before Postgres that breaks a connection at the moment a test names: before a request arrives, or after."""

import socket
import threading
from typing import Self
from urllib.parse import urlsplit, urlunsplit

CHUNK = 65536
READY = b"Z\x00\x00\x00\x05"


class Proxy:
    """Relays to the server of `url`. One break at a time: `lose` swallows the answer, `stop` lets nothing arrive."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        credentials = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit((parts.scheme, f"{credentials}@{place}", parts.path, parts.query, ""))
        self._open: set[socket.socket] = set()
        self._losing: bytes | None = None
        self._stopping: bytes | None = None
        self._since = b""
        self._watched: tuple[bytes, threading.Event] | None = None
        self._and_all = False
        self._away = False
        self.broken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, words: bytes, *, since: bytes = b"", and_all: bool = False) -> None:
        """The server carries out the next request with these words; its answer never comes.

        since: counted from the first request with those words. and_all: and the server is away from then on.
        """
        self._losing, self._since, self._and_all = words, since, and_all

    def stop(self, words: bytes, *, since: bytes = b"") -> None:
        """The next request with these words never reaches the server; `since` as for `lose`."""
        self._stopping, self._since = words, since

    def watch(self, words: bytes, *, since: bytes) -> threading.Event:
        """Set by the next request with these words; `since` as for `lose`."""
        seen = threading.Event()
        self._watched, self._since = (words, seen), since
        return seen

    @property
    def is_away(self) -> bool:
        return self._away

    def go_away(self) -> None:
        """Cut every connection and refuse new ones."""
        self._away = True
        self._cut(*self._open)

    def come_back(self) -> None:
        self._away = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._cut(*self._open)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._away:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._open |= {client, server}
            lost = threading.Event()
            threading.Thread(target=self._to_server, args=(client, server, lost), daemon=True).start()
            threading.Thread(target=self._to_client, args=(server, client, lost), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        while data := _receive(client):
            if self._since in data:
                self._since = b""
            if self._watched and self._is_named(self._watched[0], data):
                self._watched[1].set()
            if self._stopping and self._is_named(self._stopping, data):
                self._stopping = None
                self.broken += 1
                break
            if self._losing and self._is_named(self._losing, data):
                self._losing = None
                lost.set()
            if not _send(server, data):
                break
        self._cut(client, server)

    def _is_named(self, words: bytes, data: bytes) -> bool:
        return not self._since and words in data

    def _to_client(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        while data := _receive(server):
            if lost.is_set():
                if READY in data:
                    self.broken += 1
                    self._away = self._and_all
                    break
                continue
            if not _send(client, data):
                break
        self._cut(client, server)

    def _cut(self, *sockets: socket.socket) -> None:
        for each in sockets:
            self._open.discard(each)
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                each.close()


def _receive(source: socket.socket) -> bytes:
    try:
        return source.recv(CHUNK)
    except OSError:
        return b""


def _send(target: socket.socket, data: bytes) -> bool:
    try:
        target.sendall(data)
    except OSError:
        return False
    return True
