"""Tasks that deal with companies' partners: a delivery sent again, and what boards have decided."""

from typing import Annotated

from pydantic import Field

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import Payload, TaskDefinition

RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class SendAgain(Payload):
    """delivery_id: a row of webhook_deliveries. asked_by: users.id."""

    delivery_id: RowId
    asked_by: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]


SEND_AGAIN = TaskDefinition(
    name="partners.send_again",
    payload=SendAgain,
    description="Send a delivery to a company's receiver once more, under its own id.",
    queue="interactive",
    max_attempts=3,
    timeout=60,
    expires_after=3600,
    ids_only=True,
    urgent=True,
)


class ReadBoards(Payload):
    """after: the id of channel_accounts behind which this run goes on. limit: accounts of one run."""

    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=5000)] = 500


READ_BOARDS = TaskDefinition(
    name="partners.read_boards",
    payload=ReadBoards,
    description="Enqueue a look at each board where offers of a company wait to be shown.",
    queue="upkeep",
    timeout=60,
    expires_after=3600,
    ids_only=True,
)


class ReadBoard(Payload):
    """partner_id: a row of channel_accounts."""

    partner_id: RowId


READ_BOARD = TaskDefinition(
    name="partners.read_board",
    payload=ReadBoard,
    description="Ask a board what became of a company's offers that wait there.",
    queue="bulk",
    max_attempts=5,
    timeout=300,
    expires_after=3600,
    ids_only=True,
)

TASKS = (SEND_AGAIN, READ_BOARDS, READ_BOARD)
