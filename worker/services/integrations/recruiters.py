"""Who is told about an account."""

from sqlalchemy import Connection

from worker.catalogue.notifications import NOTIFY, ConnectionEvent, Notify
from worker.kit.database import query
from worker.ledger.enqueue import enqueue
from worker.services.integrations.credentials import Credential

MOST_COLLEAGUES = 500
RECRUITERS = "select user_id from employers where company_id = %s order by user_id limit %s"


def of_company(connection: Connection, company_id: int) -> list[int]:
    return [row["user_id"] for row in query(connection, RECRUITERS, (company_id, MOST_COLLEAGUES))]


def tell(
    connection: Connection,
    event: ConnectionEvent,
    known: Credential,
    *,
    everybody: bool = False,
    days: int | None = None,
    unique_key: str | None = None,
) -> None:
    """Have who connected an account told of it, or whoever works for the company: where that person is gone, and when
    `everybody` should hear of it.
    """
    colleagues = of_company(connection, known.company_id) if everybody or known.user_id is None else []
    readers = sorted({*colleagues, *([known.user_id] if known.user_id else [])})
    if readers:
        told = Notify(kind=event, user_ids=readers, days=days, **known.reference)
        enqueue(connection, NOTIFY, told, company_id=known.company_id, unique_key=unique_key)
