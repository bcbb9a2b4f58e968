"""Jinja for our own layouts only; what employers write never reaches it."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from worker.kit.localisation import translate


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Values are escaped in HTML and nowhere else; an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("worker.services.email", "templates"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # No layout uses Jinja's own globals, and each rendering would copy them: a fifth of its time.
    made.globals.clear()
    made.globals["translate"] = translate
    return made
