"""What a mail says about an interview, in its reader's language and on the clocks that are his."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from models.enums import InterviewKind
from worker.kit.localisation import translate
from worker.services.email.templating.blocks import Detail
from worker.services.email.wording import datetimes, formats
from worker.services.interviews.calendar_files import Person
from worker.services.interviews.entries import Reader
from worker.services.interviews.mail_rows import InterviewContext
from worker.services.interviews.rows import Interview

LONGEST_LINE = 500
LONGEST_NOTE = 5000
LONGEST_NAME = 120
LONGEST_NAMES = 2000
# Mails that exceed 102 KB do not arrive whole; no provider's link comes near.
LONGEST_LINK = 2000


@dataclass(frozen=True, slots=True)
class Telling:
    """An interview as one reader is told of it. page: where the candidate answers, or empty. guest: an interviewer who
    reads it.
    """

    interview: Interview
    context: InterviewContext
    locale: str
    page: str = ""
    guest: Person | None = None

    @property
    def reader(self) -> Reader:
        return self.context.reader

    def values(self) -> dict[str, str]:
        """For the placeholders of templates; what is not known is absent."""
        interview, context = self.interview, self.context
        found = {
            "interview_date": self._day(interview.scheduled_at),
            "interview_time": self._hour(interview.scheduled_at),
            "interview_location": self._place(),
            "interview_link": _address(interview.meeting_link),
            "cancellation_reason": _line(interview.cancel_reason),
        }
        if self.guest is not None:
            # Layouts of the company's people greet their reader by it.
            found["recruiter_name"] = _line(self.guest.name)
        if context.before is not None:
            found["previous_interview_date"] = self._day(context.before)
            found["previous_interview_time"] = self._hour(context.before)
        return {name: value for name, value in found.items() if value}

    def details(self, told: Sequence[str]) -> list[Detail]:
        """What the text does not say by itself; told: the placeholders that it holds."""
        coming = self._is_coming
        lines = [
            *self._times(told),
            *(self._where(told) if coming else ()),
            *(self._people() if coming else ()),
            *self._reason(told),
        ]
        return [*lines, *self._answers()] if coming else lines

    def _answers(self) -> list[Detail]:
        """What else was offered, and where the candidate says what suits him."""
        if not self.page:
            return []
        offered = [
            Detail(translate(self.locale, "Autre moment proposé :"), self._moment(each))
            for each in self.interview.offered_times
        ]
        if offered:
            words = translate(self.locale, "confirmer, choisir un autre moment, ou dire que vous ne pouvez pas venir")
        else:
            words = translate(self.locale, "confirmer, ou dire que vous ne pouvez pas venir")
        return [*offered, Detail(translate(self.locale, "Votre réponse :"), words, self.page)]

    def note(self) -> str:
        """What the recruiter wrote about it, as text."""
        if not self._is_coming or self.context.occasion == "reminder":
            return ""
        lines = [formats.line(each, LONGEST_LINE) for each in (self.interview.description or "").splitlines()]
        return "\n".join(lines)[:LONGEST_NOTE].strip()

    @property
    def _is_coming(self) -> bool:
        return self.interview.is_live and self.context.occasion != "released"

    def _times(self, told: Sequence[str]) -> list[Detail]:
        lines = []
        if not {"interview_date", "interview_time"} <= set(told):
            when = self._moment(self.interview.scheduled_at)
            lines.append(Detail(translate(self.locale, "Date et heure :"), when))
        if self._is_coming:
            minutes = translate(self.locale, "%(minutes)s minutes", minutes=self.interview.duration_minutes)
            lines.append(Detail(translate(self.locale, "Durée :"), minutes))
        if self.context.before is not None and "previous_interview_date" not in told:
            lines.append(Detail(translate(self.locale, "Auparavant :"), self._moment(self.context.before)))
        return lines

    def _where(self, told: Sequence[str]) -> list[Detail]:
        lines = []
        if "interview_location" not in told and (place := self._place()):
            lines.append(Detail(translate(self.locale, "Lieu :"), place))
        link = _address(self.interview.meeting_link)
        if link and "interview_link" not in told:
            lines.append(Detail(translate(self.locale, "Lien de visioconférence :"), link, link))
        return lines

    def _people(self) -> list[Detail]:
        known = formats.line(", ".join(names_of(self.interview)), LONGEST_NAMES)
        return [Detail(translate(self.locale, "Avec :"), known)] if known else []

    def _reason(self, told: Sequence[str]) -> list[Detail]:
        reason = _line(self.interview.cancel_reason)
        if self.interview.is_live or not reason or "cancellation_reason" in told:
            return []
        return [Detail(translate(self.locale, "Motif :"), reason)]

    def _place(self) -> str:
        """In words; empty where a link will follow."""
        if place := _line(self.interview.location):
            return place
        if self.interview.kind == InterviewKind.PHONE:
            return translate(self.locale, "par téléphone")
        return translate(self.locale, "en visioconférence") if self.interview.meeting_link else ""

    def _day(self, moment: datetime) -> str:
        return datetimes.day(moment, self._home, self.locale)

    def _hour(self, moment: datetime) -> str:
        """On the clock of the interview's place; a recruiter elsewhere reads his own beside it."""
        there = datetimes.hour(moment, self._home, self.locale)
        own = self._own_zone(moment)
        return there if own is None else f"{there}, {datetimes.hour(moment, own, self.locale)}"

    def _moment(self, moment: datetime) -> str:
        return f"{self._day(moment)}, {self._hour(moment)}"

    @property
    def _home(self) -> ZoneInfo:
        return datetimes.zone(self.interview.timezone)

    def _own_zone(self, moment: datetime) -> ZoneInfo | None:
        """None where it shows the same, and where people meet on the spot: only the clock there counts then."""
        interview = self.interview
        on_site = interview.kind == InterviewKind.ON_SITE or (interview.location and not interview.meeting_link)
        if self.reader == "candidate" or on_site or not interview.organiser_timezone:
            return None
        own = datetimes.zone(interview.organiser_timezone)
        return None if moment.astimezone(own).utcoffset() == moment.astimezone(self._home).utcoffset() else own


def names_of(interview: Interview) -> list[str]:
    """Interviewers by name only: addresses of colleagues are nobody's business, and some are stored as names."""
    names = [_line(name) for each in interview.interviewers or () if isinstance(name := each.get("name"), str)]
    return list(dict.fromkeys(name for name in names if name and "@" not in name))


def _line(text: str | None) -> str:
    return formats.stored(text, LONGEST_LINE)


def _address(link: str | None) -> str:
    """As the provider gave it: nothing of it may be cut."""
    found = (link or "").strip()
    if len(found) > LONGEST_LINK:
        return ""
    return found if found.startswith(("https://", "http://")) and not any(each.isspace() for each in found) else ""
