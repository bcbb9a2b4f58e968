"""What the pages of signed-in people share: their navigation, what is said after an action, forms that act once.

A form is answered by a redirect to a page, so that reloading repeats nothing; what was done is said on that page, once.
Each form brings a key of its own (`once`): a double click, or the same request again, acts once and leads to the same
page. Scripts only make this smoother: without them every action is a form and every dialog a page.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Response, flash, request

from api_min.actions import notifications
from api_min.actions.once import AnsweredBefore, Repeatable
from api_min.auth import EVERYBODY, caller
from api_min.idempotency import form_key
from api_min.pages.shell import page
from api_min.request_parsing import body_limit
from worker.kit.localisation import message

LARGEST_FORM = 256 * 1024
THEMES = ("light", "dark")
THEME_COOKIE = "theme"

Tone = Literal["success", "error", "info"]
Made = TypeVar("Made")

form = body_limit(LARGEST_FORM)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation. text: French, translated when shown."""

    path: str
    text: str
    roles: Sequence[str] = EVERYBODY


NAVIGATION = (Entry("/dashboard/notifications", message("Notifications")),)


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says about the last action. link: where what was made can be seen, with the text that leads there."""

    text: str
    tone: Tone = "success"
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """Where a form leads when it has acted, and what is said there."""

    path: str
    said: Said | None = None


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page inside the frame that all of them share."""
    theme = request.cookies.get(THEME_COOKIE)
    return page(
        template,
        status,
        navigation=[each for each in NAVIGATION if caller().role in each.roles],
        unread=notifications.count_unread(caller()),
        theme=theme if theme in THEMES else None,
        new_key=lambda: secrets.token_urlsafe(18),
        here=request.full_path.rstrip("?"),
        **values,
    )


def go(target: Next) -> Response:
    """To the next page, which says what was done."""
    if target.said is not None:
        said = target.said
        flash({"text": said.text, "link": list(said.link) if said.link else None}, said.tone)  # type: ignore[arg-type]
    return lead_to(target.path)


def lead_to(path: str) -> Response:
    """What a form is answered: look there now (303, RFC 9110 §15.4.4)."""
    return Response(status=303, headers={"Location": path})


def once(action: Callable[[Repeatable[Made]], Made], then: Callable[[Made], Next]) -> Response:
    """Do what a form asks for, once under its key; a repetition leads where the first one led."""
    shown: list[Next] = []

    def keep(made: Made) -> Mapping[str, Any]:
        shown.append(then(made))
        return _kept(shown[0])

    try:
        made = action(Repeatable(form_key(), keep))
    except AnsweredBefore as before:
        return go(_next(before.answer))
    return go(shown[0] if shown else then(made))


def local_path(text: str | None, otherwise: str) -> str:
    """An address of this platform alone; `otherwise` for anything that could lead elsewhere."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text


def _kept(target: Next) -> Mapping[str, Any]:
    said = target.said
    told = None if said is None else {"text": said.text, "tone": said.tone, "link": said.link}
    return {"path": target.path, "said": told}


def _next(kept: Mapping[str, Any]) -> Next:
    told = kept["said"]
    said = None if told is None else Said(told["text"], told["tone"], tuple(told["link"]) if told["link"] else None)
    return Next(kept["path"], said)
