"""Refusals of Microsoft's identity platform in the ledger's words.

Decided by `error`, `suberror` and the AADSTS numbers, never by the text: it changes, and it names people. Sources:
"Microsoft Entra authentication and authorization error codes", "OAuth 2.0 authorization code flow".
"""

from collections.abc import Mapping
from typing import Any

from worker.contracts.accounts import GrantLost, Reason
from worker.kit.errors import Misconfigured, RateLimited, Refused, Retryable, RunError
from worker.kit.words import sentence

PROVIDER = "microsoft"
LONGEST_NAME = 60
MOST_NUMBERS = 10
LARGEST_NUMBER = 10**9
HOUR = 3600.0

_OURS: Mapping[int, str] = {
    50011: "its redirect address is not registered",
    50194: "it is not registered for accounts of every organisation",
    90002: "there is no such organisation",
    700016: "there is no such app in this organisation",
    7000215: "its secret is wrong",
    7000218: "its secret is missing",
    7000222: "its secret has expired",
}
_OUR_ERRORS = frozenset(
    {
        "invalid_client",
        "invalid_resource",
        "invalid_scope",
        "invalid_tenant",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
# What our app says of itself before any code is looked at. The rest may be said because somebody brought a code that
# was never given to us: another app's, another organisation's, or one for another redirect address.
_OURS_WHATEVER_THE_CODE = frozenset({50194, 7000215, 7000218, 7000222})
_PASSING = frozenset({50033, 50087, 70012, 90006})
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error"})
_LOOP = 50196
# "The app needs access to a service that your organization has not subscribed to or enabled", and "Application is
# disabled", which any organisation may do for itself.
_ORGANISATION = frozenset({650052, 7000112})
_CONSENT = frozenset({50105, 65001, 65004, 90094, 900941}) | _ORGANISATION
_CONSENT_ERRORS = frozenset({"access_denied", "consent_required"})
_INTERACTION = frozenset({50058, 50074, 50076, 50078, 50079, 53000, 53003})
_INTERACTION_ERRORS = frozenset({"interaction_required", "login_required"})
_INTERACTION_SUBERRORS = frozenset({"additional_action", "basic_action", "message_only", "user_password_expired"})

_SENTENCES: Mapping[Reason, str] = {
    "revoked": "Microsoft ended this account's connection ({told}). Connect the account again.",
    "consent": "Microsoft wants consent to what we ask for, perhaps an administrator's ({told}). Connect the account "
    "again.",
    "interaction": "Microsoft wants the account's owner to sign in ({told}). Connect the account again.",
    "code": "Microsoft does not take the code of this sign-in ({told}): it was used before or is too old. Connect the "
    "account again.",
}


def grant_lost(reason: Reason, told: str) -> GrantLost:
    return GrantLost(_SENTENCES[reason].format(told=told), reason=reason)


def refusal(answer: Mapping[str, Any], *, spent: Reason) -> RunError:
    """What an answer without tokens means. spent: why a grant is lost of which nothing else is said."""
    error, suberror = (sentence(answer.get(name), LONGEST_NAME) for name in ("error", "suberror"))
    numbers = _numbers(answer)
    told = ", ".join([error or "no reason given", *(f"AADSTS{number}" for number in sorted(numbers))])
    passing = _passing(error, numbers, told)
    if passing is not None:
        return passing
    if _is_ours(error, numbers, spent):
        return _misconfigured(told, numbers, waits=spent != "code")
    reason = _reason(error, suberror, numbers, spent)
    if reason is None:
        return Refused(f"Microsoft refused to give tokens ({told}).")
    return grant_lost(reason, told)


def _is_ours(error: str, numbers: frozenset[int], spent: Reason) -> bool:
    """Whether no account is to blame: neither a grant, nor an organisation that does without our app."""
    if numbers & _ORGANISATION:
        return False
    if spent == "code":
        return error == "invalid_client" or bool(numbers & _OURS_WHATEVER_THE_CODE)
    return error in _OUR_ERRORS or bool(numbers & set(_OURS))


def _misconfigured(told: str, numbers: frozenset[int], *, waits: bool) -> Misconfigured:
    why = " and ".join(_OURS[number] for number in sorted(numbers & set(_OURS)))
    return Misconfigured(
        f"Microsoft does not accept our app ({told}){': ' if why else ''}{why}. Check MICROSOFT_CLIENT_ID, "
        "MICROSOFT_CLIENT_SECRET, MICROSOFT_TENANT_ID, MICROSOFT_REDIRECT_URI and MICROSOFT_SCOPES.",
        provider=PROVIDER,
        waits=waits,
    )


def _passing(error: str, numbers: frozenset[int], told: str) -> RunError | None:
    if _LOOP in numbers:
        return RateLimited(f"Microsoft was asked for the same too often ({told}).", after=HOUR)
    if error in _PASSING_ERRORS or numbers & _PASSING:
        return Retryable(f"Microsoft cannot give tokens at the moment ({told}).", code="provider.busy")
    return None


def _reason(error: str, suberror: str, numbers: frozenset[int], spent: Reason) -> Reason | None:
    """None where it is not said whose fault it is: a request that is malformed, a kind of refusal that is new."""
    if error in _CONSENT_ERRORS or suberror == "consent_required" or numbers & _CONSENT:
        return "consent"
    if error in _INTERACTION_ERRORS or suberror in _INTERACTION_SUBERRORS or numbers & _INTERACTION:
        return "interaction"
    return spent if error == "invalid_grant" or spent == "code" else None


def _numbers(answer: Mapping[str, Any]) -> frozenset[int]:
    codes = answer.get("error_codes")
    known = codes[:MOST_NUMBERS] if isinstance(codes, list) else []
    return frozenset(code for code in known if isinstance(code, int) and 0 < code <= LARGEST_NUMBER)
