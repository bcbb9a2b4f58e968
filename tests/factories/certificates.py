"""Servers that speak TLS in the name of any host."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass
class TLSServer:
    """names: which host each client asked for, as the handshake says (SNI). received: its requests' beginnings."""

    port: int
    certificate: Path
    names: list[str | None] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)


def certificate_of(host: str, folder: Path) -> Path:
    """A certificate that stands for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@contextlib.contextmanager
def tls_server(host: str, folder: Path) -> Iterator[TLSServer]:
    """On this machine, with a certificate for `host`; answers every request with 204."""
    file = certificate_of(host, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = TLSServer(listener.getsockname()[1], file)
        context.sni_callback = lambda _socket, name, _context: server.names.append(name)
        thread = threading.Thread(target=_serve, args=(listener, context, server))
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, server: TLSServer) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.settimeout(5)
            with connection, contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                server.received.append(_request(secured))
                secured.sendall(ANSWER)


def _request(connection: socket.socket) -> bytes:
    """Whole: what is left unread when a connection is closed breaks it for the other side."""
    request = b""
    while chunk := connection.recv(65536):
        request += chunk
        head, mark, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if mark and len(body) >= int(length[1] if length else 0):
            break
    return request
