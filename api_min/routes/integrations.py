"""Connected accounts: which there are, where a connection begins, and its end. Providers' answers come to pages."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import board_feeds, integrations
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.localising import _
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.integrations import AuthorisationAddress, Connections, Message, ProviderPath
from worker.services.integrations.board_feeds import BOARDS
from worker.services.integrations.status import ConnectionView

api = APIBlueprint("integrations", __name__, url_prefix="/api/integrations", abp_security=[{"bearer": []}])


@api.get("/status", summary="What is connected", responses={200: Connections, **problems(*GUARDED, 404)})
@access(roles=("employer",))
def list_connections() -> Response:
    """The caller's own accounts before colleagues'."""
    found = integrations.list_connections(caller())
    return json_response({kind.value: _shown(view) for kind, view in found.items()})


def _shown(view: ConnectionView) -> dict[str, Any]:
    known = view.credential
    return {
        "provider": view.provider.value,
        "is_connected": view.is_connected,
        "connected_at": _instant(known.connected_at if known else None),
        "last_used_at": _instant(known.last_used_at if known else None),
        "state": view.state.value,
        "account": known.account_label if known else None,
        "account_kind": known.account_kind if known else None,
        "expires_at": _instant(known.refresh_expires_at if known and known.refresh_token else None),
        "reason": _(view.reason, title=view.title) if view.reason else "",
        "approval_url": view.approval_url,
        "off_since": _instant(view.off_since),
    }


def _instant(value: datetime | None) -> str | None:
    """The main web app writes these with an offset, unlike its other instants."""
    return value.astimezone(UTC).isoformat() if value else None


@api.get(
    "/<provider>/auth-url",
    summary="Where connecting an account begins",
    responses={200: AuthorisationAddress, **problems(*GUARDED, 400, 404, 422)},
)
@access(roles=("employer",))
def begin(path: ProviderPath) -> Response:
    """The address is good for ten minutes and for one use. 503 when the provider is not configured."""
    begun = integrations.begin(caller(), integrations.provider_of(path.provider))
    return json_response({"auth_url": begun.address, "state": begun.state, "provider": begun.provider.kind.value})


@api.delete(
    "/<provider>/disconnect",
    summary="End a connection",
    responses={200: Message, **problems(*GUARDED, 400, 404, 409, 422)},
)
@access(roles=("employer",))
def disconnect(path: ProviderPath) -> Response:
    """Also when nothing was connected. The provider is told afterwards, where it can be. A job board's feed ends."""
    board = board_feeds.find_board(path.provider)
    if board is not None:
        return once(partial(board_feeds.withdraw, caller(), board), lambda _ended: _disconnected(BOARDS[board]))
    provider = integrations.provider_of(path.provider)
    return once(
        partial(integrations.disconnect, caller(), provider),
        lambda _ended: _disconnected(provider.title),
    )


@api.post(
    "/<provider>/switch-on",
    summary="Post on a channel again",
    responses={200: Message, **problems(*GUARDED, 400, 404, 409, 422)},
)
@access(roles=("employer",))
def switch_on(path: ProviderPath) -> Response:
    """Once what the network asked for is settled, its credits for one. Also when nothing was switched off."""
    provider = integrations.provider_of(path.provider)
    return once(
        partial(integrations.switch_on, caller(), provider),
        lambda _changed: json_response({"message": f"{provider.title} switched on"}),
    )


def _disconnected(title: str) -> Response:
    return json_response({"message": f"{title} disconnected"})
