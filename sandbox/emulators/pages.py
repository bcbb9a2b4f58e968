"""Pages of the inspector: one frame, one policy for browsers, two languages."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader

from sandbox.emulators.texts import TEXTS
from sandbox.emulators.web import Request, Response, html_response

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' http: https: data:; frame-src 'self'; "
    "form-action http: https:; base-uri 'none'"
)


def language_of(request: Request) -> str:
    return "en" if request.query.get("lang") == "en" else "fr"


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(loader=PackageLoader("sandbox.emulators"), autoescape=True)

    def show(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: Any) -> Response:
        language = language_of(request)
        text = self._templates.get_template(template).render(
            t=TEXTS[language], lang=language, path=request.path, other=_in_other_language(request), **values
        )
        return html_response(text, status, {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-store"})

    def nothing(self, request: Request) -> Response:
        return self.show(request, "nothing.html", status=HTTPStatus.NOT_FOUND)


def _in_other_language(request: Request) -> str:
    """The same page's address."""
    language = "fr" if language_of(request) == "en" else "en"
    return f"{request.path}?{urlencode({**request.query, 'lang': language})}"
