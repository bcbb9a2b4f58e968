"""Suppressions: seeing which addresses no mail goes to, adding one, and lifting one."""

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from sqlalchemy import Connection

from api_min.answers import json_response
from api_min.auth import OPERATIONS, access, caller
from api_min.context import context
from api_min.errors import ApiError, invalid
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
from worker.services.email import suppression

api = APIBlueprint("suppressions", __name__, url_prefix="/api/suppressions", abp_security=[{"bearer": []}])


@api.get("", summary="Addresses that no mail goes to", responses={200: SuppressionPage, **problems(*GUARDED, 422)})
@access(scopes=(OPERATIONS,))
def list_suppressions(query: SuppressionListQuery) -> Response:
    """The newest first."""
    with context().database.transaction() as connection:
        try:
            page = suppression.find(
                connection, search=query.search, state=query.state, cursor=query.cursor, limit=query.limit
            )
        except ValueError as error:
            raise invalid(["query", "cursor"], str(error)) from None
    return json_response({"suppressions": list(page.suppressions), "next_cursor": page.next_cursor})


@api.post(
    "",
    summary="Write to an address no more",
    responses={200: Suppression, 201: Suppression, **problems(*WITH_BODY, 409)},
)
@access(scopes=(OPERATIONS,))
def add_suppression(body: NewSuppression) -> Response:
    """201, or 200 when the address is on the list already. Mails that are not yet on their way are held back."""

    def work(connection: Connection) -> Response:
        row, added = suppression.add_by_hand(connection, body.address, actor=caller().name, reason=body.reason)
        return json_response(row, 201 if added else 200)

    return once(lambda: work)


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

    def work(connection: Connection) -> Response:
        if not suppression.lift(connection, path.address, actor=caller().name, reason=query.reason):
            raise ApiError(404, "This address is not on the list.")
        return Response(status=204)

    return once(lambda: work)
