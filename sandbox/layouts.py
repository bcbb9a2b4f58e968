"""`python -m sandbox.layouts`: compile the mail layouts (MJML) into the Jinja templates that are sent.

The results are committed: a server that sends needs no compiler, and a test recompiles and compares.
"""

import re
from pathlib import Path

import mrml

EMAIL = Path(__file__).parents[1] / "worker" / "services" / "email"
SHARED = "head.mjml"
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL)


def main() -> None:
    for name, html in compiled().items():
        (EMAIL / "templates" / name).write_text(html, encoding="utf-8")


def compiled() -> dict[str, str]:
    """The templates by file name. ValueError when a layout has an element that MJML does not know."""
    shared = (EMAIL / "layouts" / SHARED).read_text(encoding="utf-8")
    layouts = sorted(path for path in (EMAIL / "layouts").glob("*.mjml") if path.name != SHARED)
    return {f"{path.stem}.html": compile_layout(path.read_text(encoding="utf-8"), shared) for path in layouts}


def compile_layout(layout: str, shared: str) -> str:
    loader = mrml.memory_loader({SHARED: shared})
    options = mrml.RenderOptions(disable_comments=True, fonts={})
    output = mrml.to_html(layout, mrml.ParserOptions(include_loader=loader), options)
    unknown = re.search(r"<mj-[a-z-]+", output.content)
    if output.warnings or unknown:
        raise ValueError(f"A mail layout cannot be compiled: {unknown[0] if unknown else output.warnings}.")
    return f"{_STYLE.sub(_on_one_line, output.content)}\n"


def _on_one_line(style: re.Match[str]) -> str:
    return " ".join(style[0].split())


if __name__ == "__main__":
    main()
