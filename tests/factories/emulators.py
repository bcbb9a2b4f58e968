"""The providers' emulators, steered and asked over HTTP."""

from dataclasses import dataclass
from typing import Any, ClassVar

import requests


@dataclass(frozen=True)
class Emulator:
    """One provider's emulator."""

    url: str
    session: requests.Session
    provider: ClassVar[str]

    def get(self, path: str) -> Any:
        response = self.session.get(f"{self.url}/_emulator/{path}")
        response.raise_for_status()
        return response.json()

    def faults(self, **switches: Any) -> None:
        self.session.put(f"{self.url}/_emulator/{self.provider}/faults", json=switches).raise_for_status()

    def reset(self) -> None:
        """Every provider's."""
        self.session.post(f"{self.url}/_emulator/reset").raise_for_status()

    def journal(self) -> list[dict[str, Any]]:
        """Every request, the newest first."""
        entries: list[dict[str, Any]] = self.get(f"journal?provider={self.provider}")["entries"]
        return entries


class ResendEmulator(Emulator):
    provider = "resend"

    def requests(self) -> list[dict[str, Any]]:
        """In the order in which they came."""
        return self.journal()[::-1]

    def mails(self) -> list[dict[str, Any]]:
        """Summaries, in the order in which the mails were taken."""
        found: list[dict[str, Any]] = self.get("resend/messages?limit=1000")["messages"]
        return found[::-1]

    def mail(self, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"resend/messages/{identifier}")["mail"]
        return found


class AnthropicEmulator(Emulator):
    provider = "anthropic"

    def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("anthropic/requests")["requests"]
        return found


class AccountEmulator(Emulator):
    """A provider at which people connect an account of their own."""

    def steer(self, method: str, path: str, **wishes: Any) -> Any:
        """What the docstring of the emulator's steering lists."""
        response = self.session.request(method, f"{self.url}/_emulator/{self.provider}/{path}", json=wishes)
        response.raise_for_status()
        return response.json() if response.content else None

    def authorize(self, address: str, account: str, **wishes: Any) -> str | None:
        """Where the person's decision sends the browser; None where it stays on a page of the provider's own."""
        location: str | None = self.steer("POST", "authorize", address=address, account=account, **wishes)["location"]
        return location

    def counters(self) -> dict[str, int]:
        """Calls that arrived, by operation."""
        found: dict[str, int] = self.get(f"{self.provider}/counters")
        return found

    def revoke(self, account: str) -> None:
        """The person removes the application's access."""
        self.steer("POST", f"grants/{account}/revoke")

    def expire(self, **wishes: Any) -> None:
        """Access tokens are too old from now on; {account?, refresh?}."""
        self.steer("POST", "tokens/expire", **wishes)


class GoogleEmulator(AccountEmulator):
    provider = "google"

    @property
    def auth_url(self) -> str:
        return f"{self.url}/google/o/oauth2/v2/auth"

    @property
    def token_url(self) -> str:
        return f"{self.url}/google/token"

    @property
    def revoke_url(self) -> str:
        return f"{self.url}/google/revoke"

    @property
    def calendar_endpoint(self) -> str:
        return f"{self.url}/google/calendar/v3/"

    def events(self, *, live: bool = False) -> list[dict[str, Any]]:
        """Each with its mails and its history."""
        found: list[dict[str, Any]] = self.get(f"google/events{'?live=true' if live else ''}")["events"]
        return found

    def mails(self) -> list[dict[str, Any]]:
        """What Google sent to guests and organisers, in order."""
        found: list[dict[str, Any]] = self.get("google/mails")["mails"]
        return found

    def behind(self, identifier: str, **wishes: Any) -> dict[str, Any]:
        """Somebody changes an event while the application does not look."""
        told: dict[str, Any] = self.steer("POST", f"events/{identifier}/behind", **wishes)
        return told


class MicrosoftEmulator(AccountEmulator):
    provider = "microsoft"

    @property
    def identity_url(self) -> str:
        """Takes the place of https://login.microsoftonline.com."""
        return f"{self.url}/microsoft"

    @property
    def graph_url(self) -> str:
        return f"{self.url}/microsoft/graph/v1.0"

    def approve(self, address: str, **wishes: Any) -> str | None:
        """Where an organisation's administrator sends the browser; {tenant?, deny?}."""
        location: str | None = self.steer("POST", "adminconsent", address=address, **wishes)["location"]
        return location

    def events(self, *, live: bool = False) -> list[dict[str, Any]]:
        """Each with its mails."""
        found: list[dict[str, Any]] = self.get(f"microsoft/events{'?live=true' if live else ''}")["events"]
        return found

    def mails(self) -> list[dict[str, Any]]:
        """What Exchange sent to guests, in order."""
        found: list[dict[str, Any]] = self.get("microsoft/mails")["mails"]
        return found

    def behind(self, identifier: str, **wishes: Any) -> dict[str, Any]:
        """Somebody changes an event while the application does not look."""
        told: dict[str, Any] = self.steer("POST", f"events/{identifier}/behind", **wishes)
        return told


class NetworkEmulator(AccountEmulator):
    """A network with posts."""

    def posts(self, *, live: bool = False) -> list[dict[str, Any]]:
        """In the order in which they were made."""
        found: list[dict[str, Any]] = self.get(f"{self.provider}/posts")["posts"]
        return [post for post in found if post["live"] or not live]

    def react(self, post: str, **figures: int) -> None:
        """Readers do."""
        self.steer("POST", f"posts/{post}", **figures)

    def remove(self, post: str) -> None:
        """A person deletes it in the network itself."""
        self.steer("DELETE", f"posts/{post}")


class LinkedInEmulator(NetworkEmulator):
    provider = "linkedin"

    @property
    def auth_url(self) -> str:
        return f"{self.url}/linkedin/oauth/v2/authorization"

    @property
    def token_url(self) -> str:
        return f"{self.url}/linkedin/oauth/v2/accessToken"

    @property
    def api_url(self) -> str:
        """Takes the place of https://api.linkedin.com."""
        return f"{self.url}/linkedin"

    def post_behind(self, author: str, **wishes: Any) -> dict[str, Any]:
        """A person posts in the network itself; {text?, commentary?, link?, title?, description?, seconds_ago?}."""
        told: dict[str, Any] = self.steer("POST", "posts", author=author, **wishes)
        return told

    def images(self) -> list[dict[str, Any]]:
        """What was uploaded, without the bytes."""
        found: list[dict[str, Any]] = self.get("linkedin/images")["images"]
        return found


class FacebookEmulator(NetworkEmulator):
    provider = "facebook"

    @property
    def auth_url(self) -> str:
        return f"{self.url}/facebook/dialog/oauth"

    @property
    def api_url(self) -> str:
        """Takes the place of https://graph.facebook.com."""
        return f"{self.url}/facebook/graph"

    def end(self, account: str, error: str) -> None:
        """The session of an account ends as `errors.ERRORS` of the emulator name it: `password`, `checkpoint`, …"""
        self.steer("POST", f"grants/{account}/end", error=error)


class XEmulator(NetworkEmulator):
    provider = "x"

    @property
    def auth_url(self) -> str:
        return f"{self.url}/x/i/oauth2/authorize"

    @property
    def api_url(self) -> str:
        """Takes the place of https://api.x.com."""
        return f"{self.url}/x"

    @property
    def spent(self) -> float:
        """US dollars."""
        found: float = self.get("x/spent")["spent"]
        return found


class ReceiverEmulator(Emulator):
    provider = "receiver"

    def address(self, name: str = "offers") -> str:
        return f"{self.url}/receiver/{name}"

    def deliveries(self, name: str = "offers") -> list[dict[str, Any]]:
        """What came, in order: headers, body, and the status that was answered."""
        found: list[dict[str, Any]] = self.get(f"receiver/deliveries?name={name}")["deliveries"]
        return found


class MyJobMagEmulator(Emulator):
    provider = "myjobmag"

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("myjobmag/jobs")["jobs"]
        return found

    def decide(self, external_id: str, state: str) -> None:
        """MyJobMag's people look at an offer."""
        wishes = {"external_id": external_id, "state": state}
        self.session.post(f"{self.url}/_emulator/myjobmag/jobs", json=wishes).raise_for_status()

    def revoke(self, key: str) -> None:
        self.session.post(f"{self.url}/_emulator/myjobmag/keys/{key}/revoke").raise_for_status()


class CvsEmulator(Emulator):
    """A server of candidates' CVs."""

    provider = "cvs"

    def put(self, name: str, content: bytes) -> str:
        """The file's address."""
        self.session.put(f"{self.url}/_emulator/cvs/files/{name}", data=content).raise_for_status()
        return f"{self.url}/cvs/{name}"

    def answers(self) -> dict[str, int]:
        """By name and status: `cv.pdf 304`."""
        counted: dict[str, int] = self.get("cvs/counters")
        return counted
