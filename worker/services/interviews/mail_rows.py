"""Messages about interviews as rows: what each keeps, under which name it is unique, and what its reader has heard."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.services.interviews.copies import Copy
from worker.services.interviews.entries import Reader
from worker.services.interviews.rows import Interview

# `released`: it takes place without this interviewer.
Occasion = Literal["planned", "changed", "canceled", "released", "reminder"]

LAYOUT = "interview-"
# Messages in these states told nobody anything.
UNSENT = ("pending", "suppressed", "failed")
NEWER = "A newer mail tells what became of the interview."

DROP = """
update email_messages set state = 'suppressed', error = %s, updated_at = now()
 where source = any(%s) and state = 'pending'
"""
HEARD = """
select context, template from email_messages where source = any(%s) and state <> all(%s) order by id desc limit 1
"""

TOLD = """
select m.source, m.template, m.recipient, m.locale, m.user_id, m.company_id from email_messages m
 where m.source = any(%s) and m.state <> all(%s) and m.recipient is not null
   and (m.user_id is null or exists (select from users u where u.id = m.user_id))
 order by m.id
"""


@dataclass(frozen=True, slots=True)
class Addressed:
    """Who is written to. address, name: of an interviewer; the others' are on record."""

    reader: Reader
    address: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """In the names of messages, which tell no address."""
        if not self.address:
            return self.reader
        return f"{self.reader}:{hashlib.sha256(self.address.lower().encode()).hexdigest()[:16]}"


class InterviewContext(BaseModel):
    """Of a mail about an interview. start: which it tells; before: the one that its reader heard of, if that changed.

    file: whether a calendar file comes with it. Texts are read when the mail is rendered; until_sent: of what, when the
    interview's row is gone.
    """

    interview_id: int
    sequence: int
    occasion: Occasion
    reader: Reader
    start: AwareDatetime
    before: AwareDatetime | None = None
    file: bool = False
    until_sent: Copy | None = None


def read(row: Row) -> InterviewContext | None:
    """None for what was forgotten."""
    try:
        return InterviewContext.model_validate(row["context"])
    except ValidationError:
        return None


def source(interview: Interview, to: Addressed) -> str:
    """One message per change and reader."""
    return _source(interview.id, interview.sequence, to)


def reminder_source(interview: Interview, to: Addressed) -> str:
    """One message per start and reader."""
    return f"interview_reminder:{interview.id}:{int(interview.scheduled_at.timestamp())}:{to.key}"


def layout(occasion: Occasion) -> str:
    """What messages name as their template; see `mail_layout.LAYOUTS`."""
    return f"{LAYOUT}{occasion}"


def told(connection: Connection, interview: Interview, readers: Sequence[Addressed]) -> dict[Addressed, Row]:
    """The last message that told these readers of an earlier change or reminded them of the start. Those still waiting
    to be sent are dropped, and whose account is gone is left out.
    """
    changes = {_source(interview.id, number, to): to for to in readers for number in range(interview.sequence)}
    sources = {**changes, **{reminder_source(interview, to): to for to in readers}}
    execute(connection, DROP, (NEWER, list(sources)))
    return {sources[row["source"]]: row for row in query(connection, TOLD, (list(sources), list(UNSENT)))}


def heard(connection: Connection, interview: Interview, to: Addressed) -> InterviewContext | None:
    """The last mail that told this reader of an earlier change. Those still waiting to be sent tell nothing new any
    more, and are dropped.
    """
    sources = [_source(interview.id, number, to) for number in range(interview.sequence)]
    execute(connection, DROP, (NEWER, sources))
    rows = query(connection, HEARD, (sources, list(UNSENT)))
    return read(rows[0]) or _forgotten(interview, to, rows[0]["template"]) if rows else None


def _forgotten(interview: Interview, to: Addressed, template: str) -> InterviewContext | None:
    """What its reader heard long ago, when nobody knows any more which start it told: the present one."""
    occasion = template.removeprefix(LAYOUT)
    kept = {"interview_id": interview.id, "sequence": 0, "reader": to.reader, "start": interview.scheduled_at}
    return read({"context": {**kept, "occasion": occasion}})


def _source(interview_id: int, sequence: int, to: Addressed) -> str:
    return f"interview:{interview_id}:{sequence}:{to.key}"


def started_before(told: InterviewContext | None, start: datetime) -> datetime | None:
    """The start that its reader heard of, when it is another one now."""
    return told.start if told is not None and told.start != start else None
