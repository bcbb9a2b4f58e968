"""Answers of a token endpoint that no documentation tells of."""

import json
from typing import Any

import jwt
import pytest
import requests

from worker.contracts.accounts import GrantLost
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError
from worker.providers import token_endpoint
from worker.providers.token_endpoint import Purpose, RegisteredClient, identity, refusal

CLIENT = RegisteredClient(name="google", title="Google", identifier="app", secret="hush", check="GOOGLE_CLIENT_ID")
TOKEN = "ya29." + "a" * 40


def answered(status: int, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize(
    ("members", "purpose", "kind", "detail"),
    [
        ({"error": "invalid_grant"}, "exchange", GrantLost, "code"),
        ({"error": "invalid_grant"}, "refresh", GrantLost, "revoked"),
        ({"error": "invalid_grant", "error_subtype": "invalid_rapt"}, "refresh", GrantLost, "interaction"),
        (
            {"error": "invalid_request", "error_description": "authorization code not found"},
            "exchange",
            GrantLost,
            "code",
        ),
        (
            {"error": "invalid_request", "error_description": "The refresh token is invalid, expired or revoked."},
            "refresh",
            GrantLost,
            "revoked",
        ),
        (
            {"error": "invalid_request", "error_description": "Missing required parameter: refresh_token"},
            "refresh",
            Misconfigured,
            "provider:google",
        ),
        ({"error": "access_denied"}, "refresh", GrantLost, "consent"),
        ({"error": "login_required"}, "refresh", GrantLost, "interaction"),
        ({"error": "redirect_uri_mismatch"}, "exchange", Misconfigured, "provider:google"),
        ({"error": "disabled_client"}, "exchange", Misconfigured, "provider:google"),
        ({"error": "unauthorized_client"}, "exchange", GrantLost, "code"),
        ({"error": "unauthorized_client"}, "refresh", Misconfigured, "provider:google"),
        ({"error": "invalid_request"}, "exchange", GrantLost, "code"),
        ({"error": "invalid_scope"}, "exchange", GrantLost, "code"),
        ({"error": "something_new"}, "exchange", GrantLost, "code"),
        ({"error": "access_denied"}, "exchange", GrantLost, "consent"),
        ({"error": "server_error"}, "exchange", Retryable, "provider.busy"),
        ({"error": "unsupported_grant_type"}, "refresh", Misconfigured, "provider:google"),
        ({"error": "something_new"}, "refresh", Retryable, "provider.unexpected_answer"),
        ({"error": {"code": 400}}, "refresh", Retryable, "provider.busy"),
        ({}, "refresh", Retryable, "provider.busy"),
    ],
)
def test_only_words_about_the_grant_lose_it(
    members: dict[str, Any], purpose: Purpose, kind: type[RunError], detail: str
) -> None:
    error = refusal(CLIENT, answered(400), members, purpose)
    assert type(error) is kind
    assert detail in (getattr(error, "reason", None), getattr(error, "gate", None), error.code)


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client"])
def test_a_server_that_fails_says_nothing_about_anybody(error: str) -> None:
    assert type(refusal(CLIENT, answered(503), {"error": error}, "refresh")) is Retryable


@pytest.mark.parametrize(("header", "after"), [("17", 17.0), ("0", 1.0), ("999999", 3600.0), ("soon", 10.0)])
def test_a_limit_says_when_to_come_back(header: str, after: float) -> None:
    error = refusal(CLIENT, answered(429, retry_after=header), {}, "refresh")
    assert isinstance(error, RateLimited)
    assert error.after == after


def test_neither_tokens_nor_addresses_are_repeated() -> None:
    members = {"error": "invalid_client", "error_description": f"No {TOKEN} of awa@exemple.cm\r\nhere"}
    error = refusal(CLIENT, answered(401), members, "refresh")
    assert str(error).startswith("Google does not accept our app (invalid_client): No … of … here")
    assert "hush" not in repr(CLIENT)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "two words"},
        {"access_token": "line\r\nX-Other: 1"},
        {"access_token": TOKEN, "refresh_token": ["x"]},
    ],
)
def test_a_strange_answer_is_no_token(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        token_endpoint._read(members)


@pytest.mark.parametrize(
    ("members", "expires_in", "scopes"),
    [
        ({}, None, None),
        ({"expires_in": "3599", "scope": ""}, 3599.0, frozenset()),
        (
            {"expires_in": 3599.5, "scope": " OpenID,w_member_social  email "},
            3599.5,
            {"openid", "w_member_social", "email"},
        ),
        ({"expires_in": True, "scope": None}, None, None),
        ({"expires_in": float("inf"), "refresh_token": None}, None, None),
        ({"expires_in": "soon"}, None, None),
        ({"expires_in": 0}, 0.0, None),
        ({"expires_in": "-5"}, 0.0, None),
    ],
)
def test_what_an_answer_leaves_out_is_not_known(
    members: dict[str, Any], expires_in: float | None, scopes: set[str] | None
) -> None:
    tokens = token_endpoint._read({"access_token": TOKEN, **members}).tokens
    assert (tokens.expires_in, tokens.scopes, tokens.refresh_token) == (expires_in, scopes, None)


def test_an_identity_is_for_us() -> None:
    for audience in ("app", ["other", "app"]):
        token = jwt.encode({"aud": audience, "sub": "7"}, "k" * 32)
        assert identity(CLIENT, token)["sub"] == "7"
    assert identity(CLIENT, None) == {}


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", jwt.encode({"sub": "7"}, "k" * 32)])
def test_an_identity_that_is_not_is_no_identity(token: str) -> None:
    with pytest.raises(Retryable) as caught:
        identity(CLIENT, token)
    assert caught.value.code == "provider.unusable_answer"


def test_an_answer_is_read_as_json_of_the_right_form() -> None:
    for content in (b"", b"<html>", b"[]", b"7", b"\xff", json.dumps("x").encode()):
        response = answered(200)
        response._content = content
        assert token_endpoint._members(response) == {}
