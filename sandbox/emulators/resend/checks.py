"""What Resend checks before it takes a mail."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ADDRESS = re.compile(r"(?:[^<>@]*<)?[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+>?")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FORMAT = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."
_LARGEST = 40 * 1024 * 1024
_UNVERIFIED = re.compile(r"@(unverified\.[^@\s<>]+)>?$")


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    name: str
    message: str


def addresses(value: Any) -> list[Any]:
    """`to`, `cc` and `bcc` are one address or a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def problem_of(mail: Any, *, single: bool = False) -> Problem | None:
    """The first thing wrong with one mail. single: it came alone; a batch loses attachments unread."""
    if not isinstance(mail, dict):
        return Problem(422, "validation_error", "Expected an object.")
    checks = (_sender, _recipients, _content, _tags, _headers)
    for check in (*checks, _attachments) if single else checks:
        problem = check(mail)
        if problem is not None:
            return problem
    return None


def _sender(mail: Mapping[str, Any]) -> Problem | None:
    sender = mail.get("from")
    if not sender:
        return Problem(422, "missing_required_field", "Missing `from` field.")
    if not _is_address(sender):
        return Problem(422, "validation_error", f"Invalid `from` field. {_FORMAT}")
    unverified = _UNVERIFIED.search(sender)
    if unverified:
        return Problem(403, "validation_error", f"The {unverified[1]} domain is not verified.")
    return None


def _recipients(mail: Mapping[str, Any]) -> Problem | None:
    if not addresses(mail.get("to")):
        return Problem(422, "missing_required_field", "Missing `to` field.")
    if len(addresses(mail["to"])) > 50:
        return Problem(422, "validation_error", "The `to` field holds more than 50 addresses.")
    for name in ("to", "cc", "bcc", "reply_to"):
        for address in addresses(mail.get(name)):
            if not _is_address(address):
                return Problem(422, "validation_error", f"Invalid `{name}` field ({address!r}). {_FORMAT}")
    return None


def _content(mail: Mapping[str, Any]) -> Problem | None:
    if not isinstance(mail.get("subject"), str):
        return Problem(422, "missing_required_field", "Missing `subject` field.")
    if not mail.get("html") and not mail.get("text"):
        return Problem(422, "missing_required_field", "Missing `html` or `text` field.")
    return None


def _tags(mail: Mapping[str, Any]) -> Problem | None:
    tags = mail.get("tags") or []
    for tag in tags if isinstance(tags, list) else [None]:
        words = [tag.get("name"), tag.get("value")] if isinstance(tag, dict) else [None]
        if not all(isinstance(word, str) and _TAG.fullmatch(word) for word in words):
            return Problem(
                422,
                "validation_error",
                "Tags should only contain ASCII letters, numbers, underscores, or dashes.",
            )
    return None


def _headers(mail: Mapping[str, Any]) -> Problem | None:
    headers = mail.get("headers")
    if headers is not None and not (
        isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values())
    ):
        return Problem(422, "invalid_parameter", "The `headers` field must be an object of strings.")
    return None


def _attachments(mail: Mapping[str, Any]) -> Problem | None:
    files = mail.get("attachments") or []
    if not isinstance(files, list):
        return Problem(422, "invalid_attachment", "The `attachments` field must be a list.")
    for file in files:
        known = isinstance(file, dict) and isinstance(file.get("filename"), str) and file["filename"]
        if not known or not (file.get("path") or _decodes(file.get("content"))):
            return Problem(422, "invalid_attachment", "Attachment must have either a `content` or `path`, and a name.")
    if sum(len(file.get("content") or "") for file in files) > _LARGEST:
        return Problem(422, "invalid_attachment", "Attachments must not exceed 40 MB.")
    return None


def _decodes(content: Any) -> bool:
    try:
        return isinstance(content, str) and bool(base64.b64decode(content, validate=True))
    except binascii.Error:
        return False


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None
