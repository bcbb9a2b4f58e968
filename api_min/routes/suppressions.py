"""Suppressions: seeing which addresses no mail goes to, adding one, and lifting one."""

from functools import partial

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import suppressions
from api_min.answers import json_response, no_content
from api_min.auth import OPERATIONS, access, caller
from api_min.idempotency import once
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.suppressions import (
    AddressPath,
    LiftQuery,
    NewSuppression,
    Suppression,
    SuppressionListQuery,
    SuppressionPage,
)

api = APIBlueprint("suppressions", __name__, url_prefix="/api/suppressions", abp_security=[{"bearer": []}])


@api.get("", summary="Addresses that no mail goes to", responses={200: SuppressionPage, **problems(*GUARDED, 422)})
@access(scopes=(OPERATIONS,))
def list_suppressions(query: SuppressionListQuery) -> Response:
    """The newest first."""
    page = suppressions.find(search=query.search, state=query.state, cursor=query.cursor, limit=query.limit)
    return json_response({"suppressions": list(page.suppressions), "next_cursor": page.next_cursor})


@api.post(
    "",
    summary="Write to an address no more",
    responses={200: Suppression, 201: Suppression, **problems(*WITH_BODY, 409)},
)
@access(scopes=(OPERATIONS,))
def add_suppression(body: NewSuppression) -> Response:
    """201, or 200 when the address is on the list already. Mails that are not yet on their way are held back."""
    return once(
        partial(suppressions.add, caller(), body.address, body.reason),
        lambda added: json_response(added[0], 201 if added[1] else 200),
    )


@api.delete(
    "/<path:address>",
    summary="Write to an address again",
    responses={204: None, **problems(*GUARDED, 404, 409, 422)},
)
@access(scopes=(OPERATIONS,))
def lift_suppression(path: AddressPath, query: LiftQuery) -> Response:
    """Audited with its reason. An address that Resend itself suppresses has to be lifted there as well: otherwise the
    next mail puts it back here.
    """
    return once(partial(suppressions.lift, caller(), path.address, query.reason), no_content)
