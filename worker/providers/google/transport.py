"""httplib2's face for Google's client, over our session: httplib2 sends a request again when a connection breaks."""

import re
from collections.abc import Mapping
from typing import Any

import httplib2
import requests

from worker.contracts.accounts import AccessRefused

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")


class Transport:
    """One send for each call, with one account's access token."""

    def __init__(self, session: requests.Session, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise AccessRefused("The stored access token has a strange form; a new one is needed.")
        self._session = session
        self._token = token

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[httplib2.Response, bytes]:
        own = {name: value for name, value in (headers or {}).items() if name.lower() != "content-length"}
        answer = self._session.request(
            method, uri, data=body, headers={**own, "Authorization": f"Bearer {self._token}"}
        )
        fields = {name.lower(): value for name, value in answer.headers.items()}
        return httplib2.Response({**fields, "status": str(answer.status_code)}), answer.content

    def close(self) -> None:
        """The session is its owner's."""
