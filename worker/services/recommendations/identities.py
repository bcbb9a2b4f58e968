"""Who a candidate is: read so that it can be left out of his texts, and told to nobody."""

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.recommendations.personal_data import NOBODY, Identity

NAMES = """
select u.first_name, u.last_name, u.name
  from candidates c join users u on u.id = c.user_id where c.id = %s
"""


def of_candidate(connection: Connection, candidate_id: int) -> Identity:
    rows = query(connection, NAMES, (candidate_id,))
    return Identity(tuple(name for name in rows[0].values() if name)) if rows else NOBODY
