"""Mails as Resend's API takes them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from worker.contracts.email import MAILS_PER_BATCH, Attachment, OutgoingMail

_RECIPIENTS = b'","to":["'


def freeze(mails: Sequence[OutgoingMail]) -> bytes:
    """The body of POST /emails/batch, byte for byte the same for equal mails.

    Of a mail with attachments, which a batch would lose without a word, it is that of POST /emails.
    """
    if not 1 <= len(mails) <= MAILS_PER_BATCH:
        raise ValueError(f"a batch holds 1 to {MAILS_PER_BATCH} mails, not {len(mails)}")
    if any(mail.attachments for mail in mails):
        if len(mails) > 1:
            raise ValueError("a mail with attachments goes alone")
        return to_json(_mail(mails[0]))
    return to_json([_mail(mail) for mail in mails])


def is_single(payload: bytes) -> bool:
    """Whether it is the body of POST /emails."""
    return payload.startswith(b"{")


def count(payload: bytes) -> int:
    """How many mails a body holds. What `freeze` made is counted without being read: each mail ends with one list of
    recipients there, and a text that looks like one has its quotes escaped.
    """
    return 1 if is_single(payload) else payload.count(_RECIPIENTS) or len(json.loads(payload))


def _mail(mail: OutgoingMail) -> Mapping[str, Any]:
    """Members in the order of their names: equal bytes for equal mails."""
    members: dict[str, Any] = {}
    if mail.attachments:
        members["attachments"] = [_attachment(each) for each in mail.attachments]
    members["from"] = mail.sender
    if mail.headers:
        members["headers"] = dict(sorted(mail.headers.items()))
    members["html"] = mail.html
    if mail.reply_to:
        members["reply_to"] = mail.reply_to
    members["subject"] = mail.subject
    if mail.tags:
        members["tags"] = [{"name": name, "value": value} for name, value in sorted(mail.tags.items())]
    members["text"] = mail.text
    members["to"] = [mail.recipient]
    return members


def _attachment(attachment: Attachment) -> Mapping[str, str]:
    return {
        "content": base64.b64encode(attachment.content).decode(),
        "content_type": attachment.content_type,
        "filename": attachment.filename,
    }
