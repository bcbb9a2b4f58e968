"""Postings as runs' results show them."""

from typing import Any

from worker.services.publishing import failures
from worker.services.publishing.rows import Posting


def shown(posting: Posting, locale: str | None = None) -> dict[str, Any]:
    """locale: of whoever reads its errors; None for operators."""
    return {
        "posting_id": posting.id,
        "channel": posting.channel.value,
        "target": posting.target,
        "state": posting.state.value,
        "external_id": posting.external_id,
        "address": posting.address,
        "error": error_of(posting, locale) if locale else posting.error,
        "error_code": posting.error_code,
        "picture_error": picture_error_of(posting, locale) if locale else posting.picture_error,
    }


def error_of(posting: Posting, locale: str) -> str | None:
    """Why it is not there, for a recruiter; None where nothing is wrong."""
    if posting.error is None:
        return None
    return failures.sentence(locale, posting.channel_title, posting.error_code, posting.error)


def picture_error_of(posting: Posting, locale: str) -> str | None:
    if posting.picture_error is None:
        return None
    return failures.about_picture(locale, posting.channel_title, posting.picture_error)
