"""Who applied where, what two companies write to them, and one interview to come."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random

from models.enums import ApplicationStatus, InterviewStatus, JobStatus, TemplateType
from sandbox.seed.people import GONE_CANDIDATE, Profile
from sandbox.seed.rows import Application, Employer, Interview, Job, Template

SHOWN_APPLICANTS = 8
COMPANIES_WITH_APPLICANTS = 12
APPLICANTS = 3
COMPANIES_WITH_TEMPLATE = 2
STATUSES = (ApplicationStatus.APPLIED, ApplicationStatus.VIEWED, ApplicationStatus.SHORTLISTED)

SUBJECT = "Votre candidature : {job_title}"
BODY = """\
<p>Bonjour {candidate_first_name},</p>
<p>Merci pour votre candidature au poste de <strong>{job_title}</strong> chez {company_name}. Nous la lisons avec \
attention et vous répondrons sous dix jours.</p>
<p>{recruiter_name}</p>"""


def make_applications(
    jobs: Sequence[Job], profiles: Sequence[Profile], now: datetime, random: Random
) -> Iterator[Application]:
    """Of up to twelve companies one open offer each. To the first company's come the first eight active candidates,
    among them the one whose address is suppressed and the one whose address is gone.
    """
    ids = count(1)
    active = [profile for profile in profiles if profile.user.is_active]
    for place, job in enumerate(_offers(jobs, now)):
        shown = place == 0 and job.company_id == 1
        applicants = active[:SHOWN_APPLICANTS] if shown else random.sample(active, min(APPLICANTS, len(active)))
        for profile in applicants:
            applied = _between(job.created_at, now, random)
            yield Application(
                id=next(ids),
                job_id=job.id,
                candidate_id=profile.candidate.id,
                status=(ApplicationStatus.APPLIED if shown else random.choice(STATUSES)).value,
                applied_at=applied,
                updated_at=applied,
            )


def _offers(jobs: Sequence[Job], now: datetime) -> list[Job]:
    """The oldest open French offer of each company."""
    first: dict[int, Job] = {}
    for job in jobs:
        is_open = job.status == JobStatus.PUBLISHED and (job.expires_at is None or job.expires_at > now)
        if is_open and job.language == "fr":
            first.setdefault(job.company_id, job)
    return [first[company] for company in sorted(first)][:COMPANIES_WITH_APPLICANTS]


def _between(start: datetime, end: datetime, random: Random) -> datetime:
    minutes = int((end - start) / timedelta(minutes=1))
    return start + timedelta(minutes=random.randint(0, max(0, minutes - 1)))


def make_templates(employers: Sequence[Employer], now: datetime) -> Iterator[Template]:
    """The text with which the first companies confirm an application, written by their administrators."""
    authors = [employer for employer in employers if employer.is_admin and employer.company_id]
    since = now - timedelta(days=60)
    for number, author in enumerate(authors[:COMPANIES_WITH_TEMPLATE], start=1):
        yield Template(
            id=number,
            company_id=author.company_id,
            created_by_user_id=author.user_id,
            name="Candidature reçue",
            type=TemplateType.APPLICATION_RECEIVED.label,
            subject=SUBJECT,
            body=BODY,
            is_active=True,
            is_default=True,
            usage_count=0,
            created_at=since,
            updated_at=since,
        )


def make_interviews(
    applications: Sequence[Application],
    jobs: Sequence[Job],
    employers: Sequence[Employer],
    profiles: Sequence[Profile],
    now: datetime,
) -> Iterator[Interview]:
    """One, in three days at nine o'clock UTC, with the first applicant whom mail reaches."""
    people = {profile.candidate.id: profile.user for profile in profiles}
    invited = next((each for each in applications if each.candidate_id > GONE_CANDIDATE), None)
    if invited is None:
        return
    job = next(job for job in jobs if job.id == invited.job_id)
    recruiter = next(employer for employer in employers if employer.id == job.employer_id)
    yield Interview(
        id=1,
        application_id=invited.id,
        created_by_user_id=recruiter.user_id,
        title=f"Entretien : {job.title}",
        location=job.location,
        meeting_link="https://meet.example.com/entretien",
        scheduled_at=(now + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0),
        duration_minutes=45,
        timezone="Africa/Libreville",
        candidate_email=people[invited.candidate_id].email,
        status=InterviewStatus.SCHEDULED.label,
        reminder_sent=False,
        confirmation_received=False,
        created_at=invited.applied_at,
        updated_at=invited.applied_at,
    )
