"""Tasks about connected accounts. Payloads hold ids only: codes and tokens lie sealed in their rows."""

from typing import Annotated, Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import Payload, TaskDefinition

RowId = Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]


class OfAccount(Payload):
    """Base of payloads about an account: its row in integration_credentials or in channel_accounts, never both."""

    credential_id: int | None = Field(None, ge=1, le=LARGEST_ROW_ID)
    channel_account_id: int | None = Field(None, ge=1, le=LARGEST_ROW_ID)

    @model_validator(mode="after")
    def _in_one_table(self) -> Self:
        if self.credential_id is not None and self.channel_account_id is not None:
            raise ValueError("credential_id and channel_account_id exclude each other")
        return self

    @model_serializer(mode="wrap")
    def _as_the_last_release_reads(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Which knows the first of the two only, and refuses unknown members."""
        dumped: dict[str, Any] = dump(self)
        if self.channel_account_id is None:
            del dumped["channel_account_id"]
        return dumped


class OneAccount(OfAccount):
    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.credential_id is None and self.channel_account_id is None:
            raise ValueError("credential_id or channel_account_id is missing")
        return self


class ExchangeCode(Payload):
    """A row of oauth_states whose code has come back."""

    state_id: Annotated[int, Field(ge=1)]


class RefreshToken(OneAccount):
    pass


class Revoke(OneAccount):
    pass


class CheckExpiring(Payload):
    """after: the id of either table up to which owners were told; a full page is followed by a run for the rest."""

    after: int = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


EXCHANGE_CODE = TaskDefinition(
    name="integrations.exchange_code",
    payload=ExchangeCode,
    description="Exchange the code of a consent page for tokens and connect the account.",
    queue="interactive",
    max_attempts=3,
    timeout=60,
    expires_after=900,
    ids_only=True,
    urgent=True,
)

REFRESH_TOKEN = TaskDefinition(
    name="integrations.refresh_token",
    payload=RefreshToken,
    description="Renew an access that would end for want of use.",
    queue="default",
    priority=7,
    timeout=60,
    ids_only=True,
)

REVOKE = TaskDefinition(
    name="integrations.revoke",
    payload=Revoke,
    description="Tell a provider that a disconnected account's access has ended, and forget its tokens.",
    queue="default",
    max_attempts=10,
    timeout=60,
    expires_after=7 * 24 * 3600,
    ids_only=True,
)

CHECK_EXPIRING = TaskDefinition(
    name="integrations.check_expiring",
    payload=CheckExpiring,
    description="Tell the owners of accounts whose access ends in 14, 7 or 1 days; renew what is long unused.",
    queue="upkeep",
    timeout=120,
    ids_only=True,
)
