"""Google's pages: whose account, which permissions, and the emulator's way to decide without a browser."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sandbox.emulators.consent_pages import Choice, ConsentPages
from sandbox.emulators.google.accounts import Account, Accounts
from sandbox.emulators.google.authorizing import Asked, Authorizing, PageError
from sandbox.emulators.google.grants import PREFIX, SIGN_IN
from sandbox.emulators.oauth import form, form_values, query_of, sent_to
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_response

PATH = "/google/o/oauth2/v2/auth"

_LABELS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "calendar": "Voir, modifier, partager et supprimer tous vos agendas (calendar)",
        "calendar.events": "Voir et modifier les événements de vos agendas (calendar.events)",
        "calendar.freebusy": "Voir vos disponibilités (calendar.freebusy)",
        "sign-in": "Votre identité et votre adresse e-mail",
    },
    "en": {
        "calendar": "See, edit, share and delete all your calendars (calendar)",
        "calendar.events": "See and edit the events of your calendars (calendar.events)",
        "calendar.freebusy": "See your availability (calendar.freebusy)",
        "sign-in": "Your identity and your e-mail address",
    },
}


class ConsentScreens:
    """`signed_in` of the switches is the account of the browser: taken without asking unless the request wants
    an account to be chosen.
    """

    def __init__(self, accounts: Accounts, authorizing: Authorizing, switches: Switches) -> None:
        self._accounts = accounts
        self._authorizing = authorizing
        self._switches = switches
        self._pages = ConsentPages("Google", PATH)

    def show(self, request: Request) -> Response:
        """The browser arrives."""
        query = dict(request.query)
        try:
            asked = self._authorizing.read(query)
        except PageError as error:
            return self._pages.error(error.code, str(error), query.get("hl", "fr"))
        account = self._known(asked)
        if "none" in asked.prompts:
            return self._silently(asked, account)
        if account is None or "select_account" in asked.prompts:
            return self._choose(request, asked)
        return self._ask(_raw(request), asked, account)

    def decide(self, request: Request) -> Response:
        """A form of ours comes back: first the account, then the permissions."""
        fields = form(request)
        raw = fields.get("query", "")
        try:
            asked = self._authorizing.read(dict(parse_qsl(raw, keep_blank_values=True)))
            account = self._accounts.get_or_make(fields.get("account", ""))
        except (PageError, BadRequest) as error:
            return self._pages.error(getattr(error, "code", "invalid_request"), str(error), "fr")
        decision = fields.get("decision")
        if decision == "deny":
            return sent_to(self._authorizing.deny(asked))
        if decision == "approve":
            return sent_to(self._authorizing.approve(asked, account, form_values(request, "scope")))
        return self._ask(raw, asked, account)

    def shortcut(self, wishes: Mapping[str, Any]) -> Response:
        """{address, account?, scopes?, deny?}: what the person would decide; answers {location}.

        With what Google shows on its own page the location is null: {location, error, message}.
        """
        try:
            asked = self._authorizing.read(query_of(wishes.get("address")))
        except PageError as error:
            return json_response({"location": None, "error": error.code, "message": str(error)})
        if wishes.get("deny"):
            reason = wishes["deny"] if isinstance(wishes["deny"], str) else "access_denied"
            return json_response({"location": self._authorizing.deny(asked, reason)})
        named = wishes.get("account")
        account = self._accounts.get_or_make(str(named)) if named else self._known(asked)
        account = account or self._accounts.all()[0]
        return json_response({"location": self._authorizing.approve(asked, account, wishes.get("scopes"))})

    def _known(self, asked: Asked) -> Account | None:
        """Who it is without asking: the hint's account, else the browser's."""
        hinted = next((found for found in self._accounts.all() if asked.login_hint in (found.email, found.sub)), None)
        return hinted or self._accounts.get(self._switches["signed_in"] or "")

    def _silently(self, asked: Asked, account: Account | None) -> Response:
        if account is None or self._authorizing.needs_consent(asked, account):
            return sent_to(self._authorizing.deny(asked, "interaction_required"))
        return sent_to(self._authorizing.approve(asked, account, None))

    def _choose(self, request: Request, asked: Asked) -> Response:
        choices = [Choice(account.email, account.name) for account in self._accounts.all()]
        return self._pages.accounts(_raw(request), choices, asked.language)

    def _ask(self, raw: str, asked: Asked, account: Account) -> Response:
        if not self._authorizing.needs_consent(asked, account):
            return sent_to(self._authorizing.approve(asked, account, None))
        labels = _LABELS["en" if asked.language.startswith("en") else "fr"]
        choices = [Choice(name, _label(labels, name)) for name in asked.choosable]
        if set(asked.scopes) & SIGN_IN:
            choices.insert(0, Choice("", labels["sign-in"], fixed=True))
        return self._pages.permissions(raw, account.email, choices, asked.language, untickable=True)


def _label(labels: Mapping[str, str], name: str) -> str:
    short = name.removeprefix(PREFIX)
    return labels.get(short, short)


def _raw(request: Request) -> str:
    """The authorize request's query, for the forms to carry along."""
    return urlencode(request.query)
