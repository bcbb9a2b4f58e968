"""Postings as runs' results and the API show them."""

from typing import Any

from worker.services.publishing.rows import Posting


def shown(posting: Posting) -> dict[str, Any]:
    return {
        "posting_id": posting.id,
        "channel": posting.channel.value,
        "target": posting.target,
        "state": posting.state.value,
        "external_id": posting.external_id,
        "address": posting.address,
        "error": posting.error,
        "error_code": posting.error_code,
        "picture_error": posting.picture_error,
    }
