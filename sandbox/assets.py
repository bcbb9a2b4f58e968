"""`python -m sandbox.assets`: compile the pages' style sheets (Tailwind's command, from npm) into what is served.

The results are committed, with the fingerprint of what they were made from: a server needs no Node, and a test tells
when a source was changed without compiling it.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "api_min" / "pages" / "assets"
COMPILED = ROOT / "api_min" / "pages" / "static"
FINGERPRINT = SOURCES / "compiled.sha256"
COMPILER = ROOT / "node_modules" / ".bin" / "tailwindcss"


def main() -> None:
    for name, content in compiled().items():
        (COMPILED / name).write_bytes(content)
    FINGERPRINT.write_text(f"{fingerprint()}\n", encoding="utf-8")


def sources() -> Mapping[str, Path]:
    """The style sheets by name."""
    return {path.name: path for path in sorted(SOURCES.glob("*.css"))}


def fingerprint() -> str:
    """What the sources, the versions of the compiler and the compiled files are, as one number."""
    files = [ROOT / "package.json", *sources().values(), *(COMPILED / name for name in sources())]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def compiled() -> dict[str, bytes]:
    """The style sheets as they are served, by name. CalledProcessError for one that cannot be compiled."""
    with tempfile.TemporaryDirectory() as folder:
        return {name: _compile(path, Path(folder) / name) for name, path in sources().items()}


def _compile(source: Path, target: Path) -> bytes:
    subprocess.run([COMPILER, "-i", source, "-o", target, "--minify"], check=True, capture_output=True, cwd=ROOT)
    return target.read_bytes()


if __name__ == "__main__":
    main()
