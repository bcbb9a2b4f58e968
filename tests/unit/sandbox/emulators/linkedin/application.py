"""An application that posts at LinkedIn for its users."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sandbox.emulators.linkedin.consent import PATH
from sandbox.emulators.site import Site
from sandbox.emulators.web import Request, Response

REDIRECT = "https://app.example/callback"
SCOPES = "w_organization_social r_organization_social rw_organization_admin r_basicprofile"
HR = "rh@exemple.cm"
DIRECTION = "direction@exemple.cm"
ORGANIZATION = "urn:li:organization:2414183"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (1200).to_bytes(4, "big") + (627).to_bytes(4, "big") + bytes(40)
ACLS = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED"}


@dataclass
class Application:
    site: Site

    def steer(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(method, f"/_emulator/linkedin/{path}", body=json.dumps(body or {}).encode())
        response = self.site.answer(request)
        assert response.status < 400, response.body
        return json.loads(response.body) if response.body else None

    def faults(self, **switches: Any) -> None:
        self.steer("PUT", "faults", switches)

    def query(self, **parameters: str) -> dict[str, str]:
        usual = {
            "client_id": "client",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": SCOPES,
            "state": "s",
        }
        return {**usual, **parameters}

    def decide(self, account: str = HR, wishes: Mapping[str, Any] | None = None, **parameters: str) -> dict[str, str]:
        address = f"https://www.linkedin.example{PATH}?{urlencode(self.query(**parameters))}"
        answer = self.steer("POST", "authorize", {"address": address, "account": account, **(wishes or {})})
        return dict(parse_qsl(urlsplit(answer["location"]).query))

    def post(self, path: str, **fields: str) -> tuple[int, dict[str, Any]]:
        body = urlencode({"client_id": "client", "client_secret": "secret", **fields}).encode()
        response = self.site.answer(Request("POST", f"/linkedin/oauth/v2/{path}", body=body))
        return response.status, json.loads(response.body)

    def exchange(self, code: str, **fields: str) -> tuple[int, dict[str, Any]]:
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        return self.post("accessToken", **{**usual, **fields})

    def refresh(self, token: str, **fields: str) -> tuple[int, dict[str, Any]]:
        return self.post("accessToken", grant_type="refresh_token", refresh_token=token, **fields)

    def connect(self, account: str = HR, wishes: Mapping[str, Any] | None = None, **parameters: str) -> dict[str, Any]:
        status, tokens = self.exchange(self.decide(account, wishes, **parameters)["code"])
        assert status == 200
        return tokens

    def get(
        self, token: str, path: str, query: Mapping[str, str] | None = None, version: str = "202609"
    ) -> tuple[int, dict[str, Any]]:
        target = f"{path}?{urlencode(query)}" if query else path
        response = self.call(token, "GET", target, {"LinkedIn-Version": version})
        return response.status, json.loads(response.body)

    def call(
        self, token: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> Response:
        """A call of the API; a target is sent as it is."""
        usual = {
            "Host": "emulators.example:8080",
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": "202609",
            "X-Restli-Protocol-Version": "2.0.0",
            "Content-Type": "application/json",
        }
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.site.answer(Request.received(method, f"/linkedin{target}", {**usual, **(headers or {})}, content))

    def publish(
        self, token: str, commentary: str = "Bonjour", headers: Mapping[str, str] | None = None, **members: Any
    ) -> Response:
        """A post as the documentation has it."""
        body = {
            "author": ORGANIZATION,
            "commentary": commentary,
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
            **members,
        }
        return self.call(token, "POST", "/rest/posts", headers, {n: v for n, v in body.items() if v is not None})

    def published(self, token: str, commentary: str = "Bonjour", **members: Any) -> str:
        """The URN of a new post."""
        response = self.publish(token, commentary, **members)
        assert response.status == 201, response.body
        return response.headers["x-restli-id"]

    def find(self, token: str, author: str = ORGANIZATION, **parameters: str) -> tuple[int, dict[str, Any]]:
        more = "".join(f"&{name}={value}" for name, value in parameters.items())
        target = f"/rest/posts?q=author&author={quote(author, safe='')}{more}"
        response = self.call(token, "GET", target, {"X-RestLi-Method": "FINDER"})
        return response.status, json.loads(response.body)

    def found(self, token: str, author: str = ORGANIZATION, **parameters: str) -> list[str]:
        return [element["id"] for element in self.find(token, author, **parameters)[1]["elements"]]

    def upload(self, token: str, content: bytes = PNG, owner: str = ORGANIZATION) -> tuple[str, Response]:
        """The URN of an image, and what the upload was answered."""
        begun = self.call(
            token,
            "POST",
            "/rest/images?action=initializeUpload",
            body={"initializeUploadRequest": {"owner": owner}},
        )
        assert begun.status == 200, begun.body
        value = json.loads(begun.body)["value"]
        return value["image"], self.site.answer(Request.received("PUT", value["uploadUrl"], {}, content))

    def posts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.steer("GET", "posts")["posts"]
        return found


def one(urn: str) -> str:
    """The address of a post."""
    return f"/rest/posts/{quote(urn, safe='')}"


def code_of(response: Response) -> str | None:
    """What the answer calls the error."""
    body = json.loads(response.body)
    inner: list[dict[str, str]] = body.get("errorDetails", {}).get("inputErrors", [])
    code: str | None = inner[0]["code"] if inner else body.get("code")
    return code
