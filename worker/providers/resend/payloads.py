"""Mails as Resend's API takes them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from worker.contracts.email import MAILS_PER_BATCH, OutgoingMail

_RECIPIENTS = b'","to":["'


def freeze(mails: Sequence[OutgoingMail]) -> bytes:
    """The body of POST /emails/batch, byte for byte the same for equal mails."""
    if not 1 <= len(mails) <= MAILS_PER_BATCH:
        raise ValueError(f"a batch holds 1 to {MAILS_PER_BATCH} mails, not {len(mails)}")
    return to_json([_mail(mail) for mail in mails])


def count(payload: bytes) -> int:
    """How many mails a body holds. What `freeze` made is counted without being read: each mail ends with one list of
    recipients there, and a text that looks like one has its quotes escaped.
    """
    return payload.count(_RECIPIENTS) or len(json.loads(payload))


def _mail(mail: OutgoingMail) -> Mapping[str, Any]:
    """Members in the order of their names: equal bytes for equal mails."""
    members: dict[str, Any] = {"from": mail.sender}
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
