"""What Claude was asked and what it answered, for people."""

import json
from typing import Any

from sandbox.emulators.anthropic.conversations import Conversation, Conversations
from sandbox.emulators.pages import Pages
from sandbox.emulators.web import Request, Response, Router

PAGE = 200


class ConversationPages:
    def __init__(self, pages: Pages, conversations: Conversations) -> None:
        self._pages = pages
        self._conversations = conversations

    def add_routes(self, router: Router) -> None:
        router.add("GET", "/claude", self._list)
        router.add("GET", "/claude/{number}", self._one)

    def _list(self, request: Request) -> Response:
        entries = [_shown(each) for each in self._conversations.newest()[:PAGE]]
        return self._pages.show(request, "conversations.html", entries=entries)

    def _one(self, request: Request) -> Response:
        number = request.parameters["number"]
        entry = self._conversations.find(int(number)) if number.isdecimal() else None
        if entry is None:
            return self._pages.nothing(request)
        asked = entry.question.get("messages") or [{}]
        content = asked[-1].get("content") if isinstance(asked[-1], dict) else None
        return self._pages.show(
            request,
            "conversation.html",
            entry=_shown(entry),
            rules=str(entry.question.get("system") or ""),
            question=content if isinstance(content, str) else _json(content),
            answer=_answer(entry),
            whole=_json(entry.question),
        )


def _shown(entry: Conversation) -> dict[str, Any]:
    form = ((entry.question.get("output_config") or {}).get("format") or {}).get("schema") or {}
    tools = [tool.get("name") for tool in entry.question.get("tools") or ()]
    message = entry.message or {}
    return {
        "number": entry.number,
        "at": entry.at.isoformat(timespec="seconds"),
        "model": entry.question.get("model"),
        "asked_for": ", ".join(form.get("properties") or tools),
        "batch": entry.batch,
        "ended": entry.refusal or message.get("stop_reason"),
        "refused": bool(entry.refusal),
        "usage": message.get("usage") or {},
    }


def _answer(entry: Conversation) -> str:
    parts = [part.get("text") or part.get("input") for part in (entry.message or {}).get("content") or ()]
    return "\n".join(_pretty(part) for part in parts if part is not None)


def _pretty(value: Any) -> str:
    """Text that is JSON is laid out; what is cut off is shown as it came."""
    if not isinstance(value, str):
        return _json(value)
    try:
        return _json(json.loads(value))
    except ValueError:
        return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
