"""Job alerts: requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    RootModel,
    field_validator,
)

from api_min.errors import NO_ALERT
from api_min.schemas.alert_criteria import AlertCriteria, AlertName, Frequency
from api_min.schemas.ats import Absent, Loose, LooseQuery, PageQuery, not_null, row_id
from models.enums import AlertFrequency, JobType, LocationType
from worker.kit.ids import LARGEST_ROW_ID
from worker.services.matching.definition import MOST_SHOWN

MOST_PREVIEWED = 500

AlertId = Annotated[int, BeforeValidator(row_id("path.alert_id", NO_ALERT))]


class AlertPath(BaseModel):
    alert_id: AlertId


class AlertQuery(PageQuery):
    is_active: bool | None = None


class PreviewQuery(LooseQuery):
    limit: int = Field(MOST_SHOWN, ge=1, le=MOST_PREVIEWED)


class DigestQuery(LooseQuery):
    """A part of a list; X-Total-Count tells how many there are in all."""

    limit: int = Field(20, ge=1, le=100)
    offset: int = Field(0, ge=0, le=LARGEST_ROW_ID)


class NewJobAlert(Loose):
    name: AlertName
    criteria: AlertCriteria
    frequency: Frequency = AlertFrequency.DAILY
    is_active: bool = True


class AlertReplacement(Loose):
    """The whole alert. Only whether it is active stays as it is when it is left out."""

    name: AlertName
    criteria: AlertCriteria
    frequency: Frequency = AlertFrequency.DAILY
    is_active: bool | Absent = None

    _given = field_validator("*", mode="before")(not_null)


class AlertChanges(Loose):
    """What is left out stays as it is; criteria are replaced as a whole."""

    name: AlertName | Absent = None
    criteria: AlertCriteria | Absent = None
    frequency: Frequency | Absent = None
    is_active: bool | Absent = None

    _given = field_validator("*", mode="before")(not_null)


class DraftAlert(Loose):
    """Criteria that are not saved; the frequency is for the estimate of mails."""

    criteria: AlertCriteria
    frequency: Frequency = AlertFrequency.DAILY


class ShownCriteria(BaseModel):
    """What constrains, and nothing else; enum values in lower case."""

    keywords: list[str] | Absent = None
    location: str | Absent = None
    job_types: list[JobType] | Absent = None
    location_types: list[LocationType] | Absent = None
    salary_min: int | Absent = None
    salary_max: int | Absent = None
    currency: str | Absent = None
    include_unspecified_salary: bool | Absent = None


class Alert(BaseModel):
    """next_send_at: when the alert is looked at next; null while it is inactive and for `instant`.

    last_digest_count: the offers that the newest digest found; null before the first.
    """

    id: int
    candidate_id: int
    name: str
    criteria: ShownCriteria
    frequency: AlertFrequency
    is_active: bool
    jobs_sent_count: int
    last_sent_at: datetime | None
    last_matching_job_id: int | None
    created_at: datetime | None
    updated_at: datetime | None
    next_send_at: datetime | None
    last_digest_count: int | None


class AlertList(RootModel[list[Alert]]):
    pass


class AlertWarning(BaseModel):
    """The alert was saved all the same. alert_id: the older one that asks for the same."""

    code: Literal["duplicate"]
    message: str
    alert_id: int


class SavedAlert(Alert):
    warnings: list[AlertWarning]


class ByFrequency(BaseModel):
    instant: int
    daily: int
    weekly: int
    monthly: int


class Summary(BaseModel):
    """The report's members beside the main web app's.

    total_matching_jobs: the open offers that answer the active alerts; one that answers two counts twice.
    """

    total_alerts: int
    active_alerts: int
    inactive_alerts: int
    total_jobs_sent: int
    active: int
    inactive: int
    by_frequency: ByFrequency
    total_matching_jobs: int


class Reason(BaseModel):
    """A keyword as the alert writes it, and the first field of the offer that holds it."""

    keyword: str
    field: str


class AlertJob(BaseModel):
    id: int
    title: str
    location: str | None
    location_type: str | None
    job_type: str | None
    salary_min: int | None
    salary_max: int | None
    currency: str
    posted_at: datetime | None
    company_id: int | None


class MatchingJob(AlertJob):
    """reasons: empty when no keyword is asked for."""

    reasons: list[Reason]


class Hint(BaseModel):
    """What a person should know before saving; the message is in French or English (`?lang=` or Accept-Language)."""

    code: Literal["too_broad", "too_narrow"]
    message: str


class AlertPreview(BaseModel):
    """The newest open offers that answer. total_matches counts all of them, shown or not; alert_id is null for
    criteria that are not saved.

    mails_per_week: an estimate from the offers of the last 30 days.
    """

    alert_id: int | None
    matching_jobs: list[MatchingJob]
    total_matches: int
    mails_per_week: float
    hint: Hint | None


class Digest(BaseModel):
    """What was sent for one period. total: offers found; jobs: those that the mail showed and that still exist;
    more: offers beyond the shown ones; mail_state: null when the mail is no longer kept.
    """

    id: int
    period: datetime
    created_at: datetime
    total: int
    more: int
    mail_state: str | None
    jobs: list[AlertJob]


class DigestList(RootModel[list[Digest]]):
    pass
