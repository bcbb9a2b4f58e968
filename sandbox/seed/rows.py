"""The rows of a company set: one class per table, whose fields are the columns that are written.

Ids count from 1 in each table and are moved when the tables already hold rows. Labels are the stored ones.
Columns whose default only the main web app's own code knows are always among the fields.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Row):
    id: int
    email: str
    email_verified: datetime
    name: str
    role: str
    first_name: str
    last_name: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Company(Row):
    id: int
    name: str
    description: str
    industry: str
    size: str
    website_url: str
    city: str
    country: str
    is_verified: bool
    verified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer(Row):
    id: int
    user_id: int
    company_id: int
    position: str
    department: str
    can_create_jobs: bool
    can_manage_candidates: bool
    is_admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Row):
    """Salary expectations are monthly."""

    id: int
    user_id: int
    location: str
    title: str
    summary: str
    years_experience: int
    salary_expectation_min: int | None
    salary_expectation_max: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill(Row):
    """`level` is 1 to 5."""

    id: int
    candidate_id: int
    name: str
    level: int
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience(Row):
    """Dates are `YYYY-MM`."""

    id: int
    candidate_id: int
    title: str
    company: str
    location: str
    start_date: str
    end_date: str | None
    is_current: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Education(Row):
    """Dates are `YYYY-MM`."""

    id: int
    candidate_id: int
    degree: str
    school: str
    location: str
    start_date: str
    end_date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAlert(Row):
    id: int
    candidate_id: int
    name: str
    criteria: dict[str, Any]
    frequency: str
    own_frequency: str | None
    origin: str
    is_active: bool
    jobs_sent_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Row):
    """Salaries are monthly; `country` is ISO 3166 alpha-2, `language` fr or en."""

    id: int
    employer_id: int
    company_id: int
    title: str
    description: str
    requirements: str
    responsibilities: str
    benefits: str
    job_type: str
    location_type: str
    location: str | None
    salary_min: int | None
    salary_max: int | None
    currency: str
    status: str
    is_featured: bool
    views_count: int
    applications_count: int
    posted_at: datetime | None
    expires_at: datetime | None
    country: str
    zone: str | None
    language: str
    context: str
    mission_principale: str
    profil_formation: str
    profil_experience: str
    profil_competences: str
    profil_posture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    id: int
    job_id: int
    candidate_id: int
    status: str
    applied_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Row):
    id: int
    company_id: int
    created_by_user_id: int
    type: str
    is_active: bool
    is_default: bool
    name: str
    subject: str
    body: str
    usage_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview(Row):
    id: int
    application_id: int
    created_by_user_id: int
    title: str
    location: str | None
    meeting_link: str
    scheduled_at: datetime
    duration_minutes: int
    timezone: str
    candidate_email: str
    status: str
    reminder_sent: bool
    confirmation_received: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that bounced: no mail may go there."""

    address: str
    reason: str
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference(Row):
    user_id: int
    locale: str
    all_alerts_stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedData:
    """A whole company set; `now` is the instant it is believable at."""

    now: datetime
    users: tuple[User, ...]
    companies: tuple[Company, ...]
    employers: tuple[Employer, ...]
    candidates: tuple[Candidate, ...]
    skills: tuple[Skill, ...]
    experiences: tuple[Experience, ...]
    educations: tuple[Education, ...]
    suppressions: tuple[Suppression, ...]
    preferences: tuple[Preference, ...]
    alerts: tuple[JobAlert, ...]
    jobs: tuple[Job, ...]
    applications: tuple[Application, ...]
    templates: tuple[Template, ...]
    interviews: tuple[Interview, ...]

    def tables(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Table names with their rows, in the order they are written: alerts start before offers appear."""
        yield "users", self.users
        yield "companies", self.companies
        yield "employers", self.employers
        yield "candidates", self.candidates
        yield "skills", self.skills
        yield "experiences", self.experiences
        yield "educations", self.educations
        yield "suppressions", self.suppressions
        yield "recipient_preferences", self.preferences
        yield "job_alerts", self.alerts
        yield "jobs", self.jobs
        yield "job_applications", self.applications
        yield "email_templates", self.templates
        yield "interview_schedules", self.interviews
