"""What the emulators received and hold, for people: the mailbox, calendars, networks and the request journal."""

import base64
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from sandbox.emulators.agenda import Agenda
from sandbox.emulators.anthropic.conversations import Conversations
from sandbox.emulators.calendar_pages import CalendarPages
from sandbox.emulators.conversation_pages import ConversationPages
from sandbox.emulators.feed_pages import Feed, FeedPages
from sandbox.emulators.journal import Journal
from sandbox.emulators.pages import Pages
from sandbox.emulators.resend.store import Message, Search, Store
from sandbox.emulators.web import Request, Response, Router, html_response

PAGE = 50
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; frame-ancestors 'self'"

_LIST_UNSUBSCRIBE = re.compile(r"<(https?://[^>]+)>")


class Inspector:
    def __init__(
        self,
        journal: Journal,
        store: Store,
        agendas: Sequence[Agenda],
        feeds: Sequence[Feed],
        conversations: Conversations,
    ) -> None:
        self._journal = journal
        self._store = store
        self._pages = Pages()
        self._routes = Router()
        self._routes.add("GET", "/", lambda _: Response(HTTPStatus.SEE_OTHER, b"", {"Location": "/mailbox"}))
        self._routes.add("GET", "/mailbox", self._mailbox)
        self._routes.add("GET", "/mailbox/{id}", self._message)
        self._routes.add("GET", "/mailbox/{id}/html", self._html)
        self._routes.add("GET", "/mailbox/{id}/attachments/{number}", self._attachment)
        self._routes.add("GET", "/journal", self._requests)
        CalendarPages(self._pages, agendas).add_routes(self._routes)
        FeedPages(self._pages, feeds).add_routes(self._routes)
        ConversationPages(self._pages, conversations).add_routes(self._routes)

    def answer(self, request: Request) -> Response:
        handler, _ = self._routes.find(request)
        return handler(request) if handler else self._pages.nothing(request)

    def _mailbox(self, request: Request) -> Response:
        offset = request.number("offset", 0)
        to = request.query.get("to", "")
        messages, total = self._store.find(Search(to=to or None), offset=offset, limit=PAGE)
        pages = {"newer": offset - PAGE if offset else None, "older": offset + PAGE if offset + PAGE < total else None}
        return self._pages.show(
            request, "mailbox.html", messages=messages, total=total, to=to, newer=pages["newer"], older=pages["older"]
        )

    def _message(self, request: Request) -> Response:
        message = self._store.get(request.parameters["id"])
        if message is None:
            return self._pages.nothing(request)
        mail = self._store.content(message)
        return self._pages.show(
            request,
            "message.html",
            message=message,
            mail=mail,
            narrow=request.query.get("width") == "narrow",
            headers=_headers(message, mail or {}),
            unsubscribe=_unsubscribe(mail or {}),
            attachments=_attachments(mail or {}),
        )

    def _html(self, request: Request) -> Response:
        message = self._store.get(request.parameters["id"])
        mail = self._store.content(message) if message else None
        if mail is None:
            return self._pages.nothing(request)
        return html_response(str(mail.get("html") or ""), headers={"Content-Security-Policy": MAIL_POLICY})

    def _attachment(self, request: Request) -> Response:
        message = self._store.get(request.parameters["id"])
        files = _attachments((self._store.content(message) if message else None) or {})
        number = request.parameters["number"]
        if not number.isdecimal() or int(number) >= len(files):
            return self._pages.nothing(request)
        file = files[int(number)]
        headers = {
            "Content-Type": file["content_type"],
            "Content-Disposition": "attachment",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(HTTPStatus.OK, file["content"], headers)

    def _requests(self, request: Request) -> Response:
        entries = self._journal.newest(500)[::-1]
        return self._pages.show(request, "journal.html", entries=entries, total=self._journal.count)


def _headers(message: Message, mail: Mapping[str, Any]) -> list[tuple[str, str]]:
    shown = [("From", message.sender), ("To", ", ".join(message.to)), ("Subject", message.subject)]
    if mail.get("reply_to"):
        shown.append(("Reply-To", str(mail["reply_to"])))
    return [*shown, *(mail.get("headers") or {}).items()]


def _unsubscribe(mail: Mapping[str, Any]) -> str | None:
    """The one-click address (RFC 8058), when the mail offers one."""
    headers = {name.lower(): value for name, value in (mail.get("headers") or {}).items()}
    if headers.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        return None
    match = _LIST_UNSUBSCRIBE.search(headers.get("list-unsubscribe", ""))
    return match[1] if match else None


def _attachments(mail: Mapping[str, Any]) -> list[dict[str, Any]]:
    """With their bytes; those of a text are shown, too."""
    files = []
    for file in mail.get("attachments") or []:
        content = base64.b64decode(file.get("content") or "")
        kind = file.get("content_type") or "application/octet-stream"
        text = content.decode("utf-8", "replace") if kind.startswith("text/") else ""
        files.append({"filename": file["filename"], "content_type": kind, "content": content, "text": text})
    return files
