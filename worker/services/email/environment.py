"""Jinja for our own layouts only; what employers write never reaches it."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Values are escaped in HTML and nowhere else; an unknown name is an error."""
    return Environment(
        loader=PackageLoader("worker.services.email", "templates"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
