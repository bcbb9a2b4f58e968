"""When a company holds interviews, and how; what it left alone is the default."""

from dataclasses import asdict, dataclass
from datetime import time

from sqlalchemy import Connection

from worker.kit.database import execute, query


@dataclass(frozen=True, slots=True)
class InterviewSettings:
    """days: 1 is Monday. opens_at, closes_at: on the clock of an interview's own zone. notice_hours: working hours
    between now and the first time that is suggested. skip_holidays: those of the company's country. hide_guests: guests
    of one interview do not see each other. cancel_when_rejected: interviews end with the application.
    """

    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens_at: time = time(8)
    closes_at: time = time(18)
    pause_minutes: int = 10
    notice_hours: int = 1
    skip_holidays: bool = True
    hide_guests: bool = False
    cancel_when_rejected: bool = False


NAMES = tuple(InterviewSettings.__slots__)


def read(connection: Connection, company_id: int) -> InterviewSettings:
    found = query(
        connection,
        f"select {', '.join(NAMES)} from interview_settings where company_id = %s",
        (company_id,),
    )
    return InterviewSettings(**{**found[0], "days": tuple(found[0]["days"])}) if found else InterviewSettings()


def write(connection: Connection, company_id: int, settings: InterviewSettings) -> InterviewSettings:
    execute(
        connection,
        f"""
        insert into interview_settings (company_id, {", ".join(NAMES)})
        values (%(company_id)s, {", ".join(f"%({name})s" for name in NAMES)})
        on conflict (company_id) do update
           set {", ".join(f"{name} = excluded.{name}" for name in NAMES)}, updated_at = now()
        """,
        {**asdict(settings), "days": list(settings.days), "company_id": company_id},
    )
    return settings
