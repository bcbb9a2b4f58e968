"""Every setting, read from the environment in this one place. `docs/settings.md` is generated from it."""

from email.utils import parseaddr
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.kit.account_settings import AccountSettings
from worker.kit.addresses import BROKERS, LIMITS, POSTGRES, Address, check_address
from worker.kit.candidate_settings import CandidateSettings
from worker.kit.mailboxes import mailbox
from worker.kit.partner_settings import PartnerSettings
from worker.kit.signing import webhook_keys

SHORTEST_SECRET = 32


class PlatformSettings(BaseSettings):
    """What the platform needs whoever its users connect to."""

    model_config = SettingsConfigDict(
        env_file=None,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    # Where things are
    database_url: Address = Field(
        validation_alias=AliasChoices("DATABASE_PRIVATE_URL", "DATABASE_URL", "database_url"),
        description="Postgres 15 or newer, shared with the main web app. DATABASE_PRIVATE_URL wins.",
    )
    database_direct_url: Address | None = Field(
        None,
        description="The same database without PgBouncer: heartbeats, locks and LISTEN. Default: DATABASE_URL.",
    )
    broker_url: Address = Field(
        Address("redis://localhost:6379/1"),
        description="Redis (database 1: the main web app owns 0) or RabbitMQ (`amqp://`).",
    )
    redis_url: Address | None = Field(
        None, description="Redis for request limits. Default: BROKER_URL when that is Redis."
    )
    platform_url: str = Field(
        "http://localhost:5080",
        description="This platform's public address: unsubscribe links, career pages. With https:// the cookies of "
        "pages are sent by https only.",
    )
    frontend_url: str = Field("http://localhost:3000", description="The main web app's public address.")
    public_job_url: str | None = Field(
        None,
        description="An offer's public page; `{job_id}` is replaced. Default: FRONTEND_URL/offres/{job_id}.",
    )
    signin_url: str | None = Field(
        None, description="Where people sign in to the main web app. Default: FRONTEND_URL/signin."
    )

    # Who may call
    nextauth_secret: SecretStr | None = Field(
        None,
        description="The main web app's HS256 secret, at least 32 bytes; without it only service keys are accepted.",
    )
    allowed_origins: str = Field(
        "",
        description="Further CORS origins, separated by commas. `*` stands for letters, digits and dashes "
        "(`https://intowork-*-team.vercel.app`); whoever can take such a name can call with a user's session.",
    )
    operations_readers: str = Field(
        "",
        description="E-mail addresses that may read operations, comma separated: written exactly as in `users`, and "
        "verified there.",
    )
    main_app_role: str | None = Field(
        None,
        min_length=1,
        description="The Postgres role of the main web app, which may call `enqueue_task`. Default: whoever owns or "
        "may write the table `users`. `intowork migrate` grants it.",
    )
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = Field(
        0, description="How many proxies in front set X-Forwarded-Proto and X-Forwarded-For."
    )
    force_https: bool = Field(
        default=False,
        validation_alias=AliasChoices("NEXT_PUBLIC_FORCE_HTTPS", "force_https"),
        description="Redirect http with 308 and send HSTS.",
    )

    # Mail
    resend_api_key: SecretStr | None = Field(None, description="Resend's key; without it no mail leaves.")
    resend_api_url: str = Field("https://api.resend.com", description="Resend's address (an emulator on a laptop).")
    resend_rate: Annotated[float, Field(gt=0, le=1000)] = Field(
        2.0, description="Requests per second to Resend, over all workers."
    )
    from_email: str = Field("INTOWORK <noreply@intowork.com>", description="Sender of every mail: one mailbox.")
    resend_webhook_secret: SecretStr | None = Field(
        None,
        description="Signing secret of Resend's webhook (`whsec_…`; several separated by commas while it is being "
        "replaced). Without it `/api/webhooks/resend` answers 503 and bounces are not seen.",
    )
    signing_secret: SecretStr | None = Field(
        None,
        description="Signs the links in mails, calendar feeds and the sessions of pages: at least 32 characters "
        "(`openssl rand -hex 32`). Several separated by commas: the first one signs, all are accepted, so that links "
        "outlive a change. Without it digests carry no one-click unsubscribe, mails about interviews no page for the "
        "candidate, recruiters have no calendar feed, and nobody signs in to pages.",
    )
    templates_per_company: Annotated[int, Field(ge=1, le=100_000)] = Field(
        300, description="How many e-mail templates a company may keep; saving one more answers 409."
    )

    # Claude
    anthropic_api_key: SecretStr | None = Field(
        None,
        description="Anthropic's key: scores, preparation for interviews, proposals for e-mail templates. Without it "
        "proposals answer 503, scores follow the documented formula, and questions come from our own list.",
    )
    anthropic_base_url: str = Field(
        "https://api.anthropic.com", description="Anthropic's address (an emulator on a laptop)."
    )
    anthropic_model: str = Field("claude-sonnet-4-6", min_length=1, description="Which Claude writes and judges.")
    anthropic_rate: Annotated[float, Field(gt=0, le=1000)] = Field(
        4.0, description="Judgements per second that Claude is asked for, over all workers."
    )
    ai_daily_budget_usd: Annotated[float, Field(ge=0, le=100_000)] = Field(
        5.0, description="US dollars a day that Claude's answers to one company may cost; 0 switches them off."
    )
    ai_daily_budget_total_usd: Annotated[float, Field(ge=0, le=1_000_000)] = Field(
        50.0, description="US dollars a day that all answers of Claude together may cost."
    )
    ai_input_price_usd: Annotated[float, Field(ge=0, le=1000)] = Field(
        3.0, description="Anthropic's price of a million input tokens of ANTHROPIC_MODEL, in US dollars."
    )
    ai_output_price_usd: Annotated[float, Field(ge=0, le=1000)] = Field(
        15.0, description="Anthropic's price of a million output tokens of ANTHROPIC_MODEL, in US dollars."
    )

    ai_batch_price_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Share of these prices that Anthropic asks for in message batches."
    )

    # Alerts
    alerts_per_candidate: Annotated[int, Field(ge=1, le=1000)] = Field(
        50, description="How many job alerts one candidate may keep."
    )
    alerts_one_mail_per_candidate: bool = Field(
        default=False,
        description="One mail per candidate and run, with a section per alert, instead of one mail per alert.",
    )

    # Work
    platform_timezone: str = Field("Africa/Libreville", description="Time zone of the schedule (IANA name).")
    interactive_wait: Annotated[float, Field(ge=0, le=30)] = Field(
        10.0, description="Seconds an ATS route waits for its run before it answers 202."
    )
    lease_seconds: Annotated[int, Field(ge=30, le=600)] = Field(
        60, description="How long a silent worker keeps its runs when only the lease can tell."
    )
    worker_concurrency: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Children per worker.")
    api_threads: Annotated[int, Field(ge=2, le=256)] = Field(
        16, description="Request threads per API process; the database pool has the same size."
    )
    api_statement_seconds: Annotated[float, Field(ge=0.1, le=60)] = Field(
        5.0, description="Seconds that Postgres may work on one statement of a request; then it is answered with 503."
    )

    # Logging
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("WARNING", description="Lowest level logged.")

    @field_validator("database_url", "database_direct_url")
    @classmethod
    def _postgres(cls, value: Address | None) -> Address | None:
        if value is not None:
            check_address(value.plain, POSTGRES)
        return value

    @field_validator("broker_url")
    @classmethod
    def _broker(cls, value: Address) -> Address:
        check_address(value.plain, BROKERS)
        return value

    @field_validator("redis_url")
    @classmethod
    def _limits(cls, value: Address | None) -> Address | None:
        if value is not None:
            check_address(value.plain, LIMITS)
        return value

    @field_validator("from_email")
    @classmethod
    def _sender(cls, value: str) -> str:
        return mailbox(value)

    @property
    def sender_address(self) -> str:
        """Of every mail, without a name."""
        return parseaddr(self.from_email)[1]

    @field_validator("nextauth_secret")
    @classmethod
    def _unguessable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < SHORTEST_SECRET:
            raise ValueError(f"is shorter than {SHORTEST_SECRET} bytes: anybody could find it out from one token")
        return value

    @field_validator("signing_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        secrets = value.get_secret_value().split(",") if value is not None else ()
        if any(len(each.strip()) < SHORTEST_SECRET for each in secrets):
            raise ValueError(f"each signing secret needs at least {SHORTEST_SECRET} characters")
        return value

    @field_validator("resend_webhook_secret")
    @classmethod
    def _readable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            webhook_keys(value.get_secret_value())
        return value

    @field_validator("platform_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no IANA time zone, for instance Africa/Libreville") from error
        return value

    @property
    def direct_url(self) -> Address:
        return self.database_direct_url or self.database_url

    @property
    def limits_url(self) -> Address | None:
        """Redis for request limits, or None when there is none."""
        if self.redis_url:
            return self.redis_url
        return self.broker_url if self.broker_url.plain.startswith("redis") else None

    def job_url(self, job_id: int) -> str:
        template = self.public_job_url or f"{self.frontend_url.rstrip('/')}/offres/{{job_id}}"
        return template.replace("{job_id}", str(job_id))


class Settings(CandidateSettings, PartnerSettings, AccountSettings, PlatformSettings):
    """A wrong value stops the start with its name."""

    def redirect_uri(self, slug: str, registered: str | None) -> str:
        """Where a provider sends people back to; slug: its name in our routes."""
        return registered or f"{self.platform_url.rstrip('/')}/api/integrations/{slug}/callback"


class WrongSettings(SystemExit):
    """Ends whatever process it is raised in, with one line per wrong variable on standard error."""


def load_settings() -> Settings:
    """The settings of this process. Raises WrongSettings; values are in no message, because some are secret."""
    try:
        return Settings()
    except ValidationError as error:
        raise WrongSettings("\n".join(wrong_settings(error))) from None


def wrong_settings(error: ValidationError) -> list[str]:
    """One sentence per wrong variable."""
    sentences = []
    for each in error.errors(include_input=False, include_url=False):
        name, field = _field_of(str(each["loc"][0]) if each["loc"] else "")
        if each["type"] == "missing":
            sentences.append(f"{name} is missing: {field.description if field else 'it has no default.'}")
        else:
            sentences.append(f"{name} is wrong: {each['msg'].removeprefix('Value error, ')}.")
    return sentences


def _field_of(location: str) -> tuple[str, FieldInfo | None]:
    for name, field in Settings.model_fields.items():
        if location in (name, *variables(name, field)):
            return " or ".join(reversed(variables(name, field))), field
    return location.upper() or "The settings", None


def variables(name: str, field: FieldInfo) -> list[str]:
    """The environment variables of a setting; the first one wins."""
    alias = field.validation_alias
    if alias is None:
        return [name.upper()]
    choices = [alias] if isinstance(alias, str) else list(getattr(alias, "choices", []))
    return [each for each in choices if isinstance(each, str) and each.isupper()]
