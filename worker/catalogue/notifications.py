"""Tasks that tell people something in the main web app's bell."""

from typing import Annotated, Literal

from pydantic import Field

from worker.catalogue.integrations import OfAccount, RowId
from worker.kit.tasks import TaskDefinition, at_most

ConnectionEvent = Literal[
    "connection_lost", "connection_expires", "account_connected", "access_approved", "channel_off"
]


class Notify(OfAccount):
    """What happened to a connected account, for these users: texts are made from rows when it is told.

    provider: where no account is meant yet. days: until the end of an access.
    """

    shown = frozenset({"kind", "provider"})

    kind: ConnectionEvent
    user_ids: Annotated[list[RowId], at_most(501)] = Field(min_length=1, max_length=501)
    provider: str | None = Field(None, max_length=40)
    days: int | None = None


NOTIFY = TaskDefinition(
    name="notifications.notify",
    payload=Notify,
    description="Write a notification for each of these users, in their language.",
    queue="default",
    timeout=60,
    expires_after=7 * 24 * 3600,
)
