"""`python -m sandbox.emulators --port 5090 [--state FOLDER]`: the outside world on a laptop."""

import argparse
import contextlib
import signal
import sys
import threading
from pathlib import Path

from sandbox.emulators.server import EmulatorServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.emulators", description="Emulated providers over HTTP.")
    parser.add_argument("--port", type=int, default=5090, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--state", type=Path, default=None, help="folder for received bodies (default: a temporary one)"
    )
    arguments = parser.parse_args()
    server = EmulatorServer(arguments.port, arguments.state)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(0.1)
    server.server_close()


if __name__ == "__main__":
    main()
