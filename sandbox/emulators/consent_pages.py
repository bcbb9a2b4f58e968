"""Pages on which a person chooses an account and says what an application may do, French first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader

from sandbox.emulators.web import Response, html_response

# What the page's form answers is a redirect to the application, wherever that is.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http: https:; base-uri 'none'"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "choose": "Choisissez un compte",
        "continue_to": "pour continuer vers l’application",
        "use_other": "Utiliser un autre compte",
        "address": "Adresse e-mail",
        "wants": "L’application souhaite accéder à votre compte",
        "may": "Choisissez ce à quoi l’application peut accéder",
        "always": "Toujours accordé",
        "approve": "Autoriser",
        "deny": "Refuser",
        "error": "Accès bloqué",
        "continue": "Continuer",
        "emulated": "Fournisseur simulé : aucun mot de passe n’est demandé.",
    },
    "en": {
        "choose": "Choose an account",
        "continue_to": "to continue to the application",
        "use_other": "Use another account",
        "address": "E-mail address",
        "wants": "The application wants access to your account",
        "may": "Choose what the application can access",
        "always": "Always granted",
        "approve": "Allow",
        "deny": "Deny",
        "error": "Access blocked",
        "continue": "Continue",
        "emulated": "Emulated provider: no password is asked.",
    },
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An account or a permission. `fixed`: shown, but granted without being asked."""

    value: str
    label: str
    fixed: bool = False


class ConsentPages:
    """action: the path that the forms are posted to; each carries the authorize request as its field `query`."""

    def __init__(self, company: str, action: str) -> None:
        self._company = company
        self._action = action
        self._templates = Environment(loader=PackageLoader("sandbox.emulators"), autoescape=True)

    def accounts(self, query: str, accounts: Sequence[Choice], language: str) -> Response:
        return self._page("consent_accounts.html", 200, language, query=query, accounts=accounts)

    def permissions(
        self, query: str, account: str, permissions: Sequence[Choice], language: str, *, untickable: bool
    ) -> Response:
        return self._page(
            "consent_permissions.html",
            200,
            language,
            query=query,
            account=account,
            permissions=permissions,
            untickable=untickable,
        )

    def error(self, code: str, message: str, language: str) -> Response:
        """The provider's own page: the application never hears of it."""
        response = self._page("consent_error.html", 400, language, code=code, message=message)
        response.note = code
        return response

    def _page(self, template: str, status: int, language: str, **values: object) -> Response:
        known = "en" if language.lower().startswith("en") else "fr"
        text = self._templates.get_template(template).render(
            t=TEXTS[known], lang=known, company=self._company, action=self._action, **values
        )
        return html_response(text, status, {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})
