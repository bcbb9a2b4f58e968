"""Where consent pages send browsers back to: never an error, always on to where the flow began."""

from urllib.parse import urlencode

from flask import Response, redirect, request

from api_min import sessions
from api_min.actions import integrations
from api_min.actions.integrations import Finished
from api_min.auth import open_route
from api_min.context import context
from api_min.localising import _
from api_min.pages.shell import Pages
from worker.contracts.providers import AuthorisedProvider
from worker.kit.localisation import message

pages = Pages("connections", __name__)

# More than a code, a state and an error take.
LONGEST_VALUE = 4096

SENTENCES = {
    "unknown": message("Cette connexion n’est pas valable. Recommencez depuis la page Intégrations."),
    "used": message("Cette connexion a déjà servi. Recommencez depuis la page Intégrations."),
    "expired": message("Cette connexion a expiré. Recommencez depuis la page Intégrations."),
    "other_browser": message("Cette connexion a été commencée dans un autre navigateur. Recommencez dans celui-ci."),
    "no_code": message("La réponse du fournisseur est incomplète. Recommencez."),
    "denied": message("Vous n’avez pas donné l’accès : rien n’a été connecté."),
    "needs_approval": message(
        "L’administrateur de votre organisation doit d’abord approuver l’accès. Transmettez-lui le lien de la page "
        "Intégrations."
    ),
    "pending": message("La connexion se termine. Revenez sur cette page dans un instant."),
    "refused": message("Le fournisseur a refusé la demande (%(code)s). Recommencez."),
    "account.no_mailbox": message("Ce compte n’a pas de boîte Exchange : choisissez-en un autre."),
    "account.access_missing": message(
        "L’accès nécessaire n’a pas été donné. Recommencez en laissant les cases cochées."
    ),
    "account.grant_lost": message("La réponse du fournisseur est arrivée trop tard. Recommencez."),
    "failed": message("La connexion n’a pas abouti. Réessayez dans quelques minutes."),
}


@pages.get("/api/integrations/<any('linkedin', 'google-calendar', 'outlook', 'facebook', 'twitter'):provider>/callback")
@open_route
def finish(provider: str) -> Response:
    known = integrations.provider_of(provider)
    session = sessions.read(context().settings, request.cookies)
    parameters = {name: value for name, value in request.args.items() if len(value) <= LONGEST_VALUE}
    finished = integrations.finish(known, parameters, session.id if session else None, request.remote_addr)
    response = redirect(f"{finished.return_to}?{urlencode(_told(known, finished))}", 302)
    response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return response  # type: ignore[return-value]


def _told(provider: AuthorisedProvider, finished: Finished) -> dict[str, str]:
    if finished.answer == "connected":
        return {"provider": provider.slug, "success": "true"}
    if finished.answer == "approved":
        return {"provider": provider.slug, "success": "false", "approved": "true"}
    return {"provider": provider.slug, "success": "false", "error": _sentence(finished)}


def _sentence(finished: Finished) -> str:
    known = SENTENCES.get(finished.code if finished.answer == "failed" else finished.answer, SENTENCES["failed"])
    return _(known, code=finished.code)
