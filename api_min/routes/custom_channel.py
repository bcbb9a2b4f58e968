"""A company's own partner: a receiver of webhooks or an account at a job board, and the log of what was sent there."""

from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import custom_channel
from api_min.actions.custom_channel import Saved, Wish
from api_min.answers import json_response, run_response
from api_min.auth import access, caller
from api_min.idempotency import given_key, once
from api_min.localising import language
from api_min.request_parsing import applied_wait
from api_min.schemas.ats import PageQuery
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.custom_channel import DeliveryPath, DeliveryView, NewPartner, PartnerView, SavedPartner
from api_min.schemas.integrations import Message
from worker.services.publishing import failures
from worker.services.publishing.partners.accounts import Partner
from worker.services.publishing.partners.deliveries import Delivery

api = APIBlueprint("custom_channel", __name__, url_prefix="/api/integrations/custom", abp_security=[{"bearer": []}])


@api.get("", summary="The company's own partner", responses={200: PartnerView, **problems(*GUARDED, 404)})
@access(roles=("employer",))
def show() -> Response:
    """`kind` is null where nothing is connected. No secret is ever told here."""
    return json_response(_shown(custom_channel.show(caller())))


@api.put(
    "",
    summary="Connect a webhook or a job board",
    responses={200: SavedPartner, 201: SavedPartner, **problems(*WITH_BODY, 400, 404, 409)},
)
@access(roles=("employer",))
def save(body: NewPartner) -> Response:
    """In place of the one before. 201 with the secret for a webhook that is new; its address may change later, the
    secret stays. What was switched off is on again.
    """
    wish = Wish(body.kind, body.url, body.token, body.country)
    return _with_secret(once(partial(custom_channel.save, caller(), wish), _kept))


@api.post(
    "/rotate-secret",
    summary="Sign deliveries with a new secret",
    responses={200: SavedPartner, **problems(*GUARDED, 400, 404, 409, 422)},
)
@access(roles=("employer",))
def rotate_secret() -> Response:
    """Told this once. The one before signs as well for 24 hours more."""
    return _with_secret(once(partial(custom_channel.rotate_secret, caller()), _kept))


@api.delete(
    "/disconnect",
    summary="Send nothing more to the company's own partner",
    responses={200: Message, **problems(*GUARDED, 400, 404, 409, 422)},
)
@access(roles=("employer",))
def disconnect() -> Response:
    """Also when nothing was connected. Its secrets are forgotten at once."""
    return once(
        partial(custom_channel.disconnect, caller()), lambda _ended: json_response({"message": "Partner disconnected"})
    )


@api.get(
    "/deliveries",
    summary="What was sent to the company's webhook",
    responses={200: {"description": "An array; X-Total-Count is the number of all."}, **problems(*GUARDED, 404, 422)},
)
@access(roles=("employer",))
def list_deliveries(query: PageQuery) -> Response:
    """The newest first; a delivery is kept for 30 days."""
    found, total = custom_channel.list_deliveries(caller(), limit=query.limit, offset=query.offset)
    return json_response([_delivery(each) for each in found], headers={"X-Total-Count": str(total)})


@api.post(
    "/deliveries/<delivery_id>/send-again",
    summary="Send a delivery once more",
    responses={200: DeliveryView, 202: DeliveryView, **problems(*GUARDED, 400, 404, 409, 422, 502, 504)},
)
@access(roles=("employer",))
def send_again(path: DeliveryPath) -> Response:
    """The same bytes under the same id, once; the delivery tells what became of it. 202 when the receiver has not
    answered in time.
    """
    asked = custom_channel.send_again(caller(), path.delivery_id, applied_wait(), key=given_key())
    return run_response(asked, _delivery(custom_channel.one_delivery(caller(), path.delivery_id)))


def _kept(saved: Saved) -> Response:
    """What is kept under the request's key: which secret was told, never the secret."""
    version = saved.partner.token_version if saved.has_new_secret else None
    return json_response({**_shown(saved.partner), "secret": version}, 201 if saved.made else 200)


def _with_secret(kept: Response) -> Response:
    """A repetition is told the secret too, while it is still the one."""
    told = kept.get_json()
    version = told["secret"]
    secret = None if version is None else custom_channel.reveal(caller(), version)
    return json_response({**told, "secret": secret}, kept.status_code)


def _in_words(code: str, partner: Partner, said: str | None) -> str | None:
    return failures.sentence(language(), partner.label, code, said) if said else None


def _shown(partner: Partner | None) -> dict[str, Any]:
    if partner is None:
        return dict.fromkeys(PartnerView.model_fields) | {"is_connected": False}
    return {
        "kind": partner.kind,
        "is_connected": partner.works and partner.off_since is None,
        "label": partner.label,
        "url": partner.url or None,
        "country": partner.country or None,
        "connected_at": partner.connected_at,
        "last_used_at": partner.last_used_at,
        "previous_secret_until": partner.previous_until if partner.overlaps else None,
        "off_since": partner.off_since,
        "off_reason": _in_words("webhook.gone", partner, partner.off_reason),
        "error": _in_words("partner.key_refused", partner, partner.last_error),
    }


def _delivery(sent: Delivery) -> dict[str, Any]:
    return {name: getattr(sent, name) for name in DeliveryView.model_fields}
