"""What Microsoft knows of the application: by default anything is accepted."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.emulators.microsoft.identity_errors import Refused
from sandbox.emulators.web import BadRequest

DEFAULTS: Mapping[str, Any] = {
    "client_id": None,  # the only one that is known; None: any
    "client_secret": None,  # the only one that is good; None: any
    "secret_expired": False,
    "redirect_uris": None,  # a list; None: https, and http on this machine
    "multi_tenant": True,  # False: `common` and `organizations` are refused
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Registration:
    def __init__(self) -> None:
        self._values = dict(DEFAULTS)

    def set(self, values: Mapping[str, Any]) -> None:
        """Replaces all: what is not named falls back to its default."""
        unknown = sorted(set(values) - set(DEFAULTS))
        if unknown:
            raise BadRequest(f"the registration has {', '.join(DEFAULTS)}, not {', '.join(unknown)}")
        self._values = {**DEFAULTS, **values}

    def told(self) -> dict[str, Any]:
        return dict(self._values)

    def check_page(self, query: Mapping[str, str], tenant: str) -> None:
        """What is wrong here is told on Microsoft's own page, never to the redirect address."""
        for name in ("client_id", "redirect_uri", "scope"):
            if not query.get(name):
                raise Refused(900144, f"The request body must contain the following parameter: '{name}'.")
        self._check_client_id(query["client_id"])
        if not self._known_address(query["redirect_uri"]):
            raise Refused(50011)
        if not self._values["multi_tenant"] and tenant in ("common", "organizations", "consumers"):
            raise Refused(50194)

    def check_client(self, form: Mapping[str, str]) -> None:
        self._check_client_id(form.get("client_id", ""))
        secret = form.get("client_secret")
        if not secret:
            raise Refused(7000218)
        if self._values["secret_expired"]:
            raise Refused(7000222)
        if self._values["client_secret"] not in (None, secret):
            raise Refused(7000215)

    def _check_client_id(self, client_id: str) -> None:
        if not client_id:
            raise Refused(900144, "The request body must contain the following parameter: 'client_id'.")
        if self._values["client_id"] not in (None, client_id):
            raise Refused(700016, f"Application with identifier '{client_id}' was not found in the directory.")

    def _known_address(self, address: str) -> bool:
        known = self._values["redirect_uris"]
        if known is not None:
            return address in known
        parts = urlsplit(address)
        return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
