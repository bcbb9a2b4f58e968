"""`python -m sandbox.assets`: compile the pages' style sheet (Tailwind's command, from npm) and join their scripts
(htmx, from npm, before our own) into what is served.

The results are committed, with the fingerprint of what they were made from: a server needs no Node, and a test tells
when a source was changed without compiling it.
"""

import hashlib
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "api_min" / "pages" / "assets"
COMPILED = ROOT / "api_min" / "pages" / "static"
FINGERPRINT = SOURCES / "compiled.sha256"
COMPILER = ROOT / "node_modules" / ".bin" / "tailwindcss"
STYLES, SCRIPT = "app.css", "app.js"
# In one file: an extension that arrives after htmx has begun is never connected.
PACKAGED = ("htmx.min.js", "ext/hx-sse.min.js")


def main() -> None:
    for name, content in compiled().items():
        (COMPILED / name).write_bytes(content)
    FINGERPRINT.write_text(f"{fingerprint()}\n", encoding="utf-8")


def sources() -> list[Path]:
    """What is compiled, in the order in which it is joined."""
    return [SOURCES / STYLES, *sorted((SOURCES / "scripts").glob("*.js"))]


def fingerprint() -> str:
    """What the sources, the templates, the versions of the packages and the compiled files are, as one number."""
    templates = sorted((SOURCES.parent / "templates").rglob("*.html"))
    files = [ROOT / "package.json", *sources(), *templates, *(COMPILED / name for name in (STYLES, SCRIPT))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def compiled() -> dict[str, bytes]:
    """What is served, by name. CalledProcessError for a style sheet that cannot be compiled."""
    with tempfile.TemporaryDirectory() as folder:
        styles = _compile(SOURCES / STYLES, Path(folder) / STYLES)
    return {STYLES: styles, SCRIPT: _join()}


def _compile(source: Path, target: Path) -> bytes:
    subprocess.run([COMPILER, "-i", source, "-o", target, "--minify"], check=True, capture_output=True, cwd=ROOT)
    return target.read_bytes()


def _join() -> bytes:
    package = ROOT / "node_modules" / "htmx.org" / "dist"
    return b"\n;\n".join(path.read_bytes() for path in (*(package / name for name in PACKAGED), *sources()[1:]))


if __name__ == "__main__":
    main()
