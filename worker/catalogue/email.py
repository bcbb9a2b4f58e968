"""E-mail tasks."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from models.enums import TemplateType
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.localisation import DEFAULT_LOCALE, Locale
from worker.kit.mailboxes import comparable
from worker.kit.tasks import Payload, TaskDefinition, at_most

RowId = Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
Kind = Annotated[
    TemplateType, BeforeValidator(lambda value: TemplateType.parse(value) if isinstance(value, str) else value)
]
Name = Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
Value = Annotated[str, Field(max_length=1000)]
Address = Annotated[
    str,
    BeforeValidator(lambda value: comparable(value) if isinstance(value, str) else value),
    Field(min_length=3, max_length=254, pattern=r"^[^@\s<>,;:\"]+@[^@\s<>,;:\"]+\.[^@\s<>,;:\".]+$"),
]

TEMPLATED = ("template_id", "kind")
PERSON = ("application_id", "user_id")
RAW = ("recipient", "subject", "text")


class DeliverBatch(Payload):
    batch_id: int


class BatchPending(Payload):
    """No members."""


class SendMail(Payload):
    """One mail to one person.

    Templated: `template_id` (an employer's template) or `kind` (the company's default of this type, else ours), to the
    candidate of `application_id` or to `user_id`; values that are given win over what the platform fills in. `sample`
    fills in examples and marks the mail as a test. Raw: `recipient`, `subject` and `text`, with `html` at will; for
    other programs of ours only: a run that a user caused may write to nobody but that user.
    """

    shown = frozenset({"kind", "locale"})

    template_id: RowId | None = None
    kind: Kind | None = None
    application_id: RowId | None = None
    user_id: RowId | None = None
    company_id: RowId | None = None
    locale: Locale | None = None
    values: Annotated[dict[Name, Value], at_most(40)] = Field(default_factory=dict, max_length=40)
    sent_by: RowId | None = None
    sample: bool = False
    recipient: Address | None = None
    subject: str | None = Field(None, min_length=1, max_length=500)
    text: str | None = Field(None, min_length=1, max_length=100_000)
    html: str | None = Field(None, min_length=1, max_length=100_000)
    reply_to: Address | None = None

    @property
    def raw(self) -> bool:
        return self.recipient is not None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self._given(RAW):
            if len(self._given(RAW)) < len(RAW) or self._given((*TEMPLATED, *PERSON)) or self.values or self.sample:
                raise ValueError("a raw mail has recipient, subject and text, and nothing of a templated one")
            return self
        if self.html is not None or self.reply_to is not None:
            raise ValueError("html and reply_to belong to a raw mail, which has recipient, subject and text too")
        if len(self._given(TEMPLATED)) != 1 or len(self._given(PERSON)) != 1:
            raise ValueError("give one of template_id and kind, and one of application_id and user_id")
        if self.sample and self.user_id is None:
            raise ValueError("a sample goes to a user, not to a candidate")
        if self.kind is TemplateType.JOB_ALERT:
            raise ValueError("job_alert mails are digests, which the alerts write themselves")
        return self

    def _given(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if getattr(self, name) is not None]


class SendBulk(Payload):
    """One template, or each recipient's language of one kind, to the candidates of many applications of a company.

    `sent_by` is the recruiter who asked: the mails speak for him and are answered to him.
    """

    shown = frozenset({"kind"})

    application_ids: Annotated[list[RowId], at_most(5000)] = Field(min_length=1, max_length=5000)
    company_id: RowId
    template_id: RowId | None = None
    kind: Kind | None = None
    sent_by: RowId | None = None
    values: Annotated[dict[Name, Value], at_most(40)] = Field(default_factory=dict, max_length=40)

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if (self.template_id is None) == (self.kind is None):
            raise ValueError("give one of template_id and kind")
        if self.kind is TemplateType.JOB_ALERT:
            raise ValueError("job_alert mails are digests, which the alerts write themselves")
        return self


SEND = TaskDefinition(
    name="email.send",
    payload=SendMail,
    description="Send one mail to one person and wait for its outcome.",
    queue="interactive",
    timeout=60,
    expires_after=73 * 3600,
)

SEND_BULK = TaskDefinition(
    name="email.send_bulk",
    payload=SendBulk,
    description="Send a template to the candidates of many applications, in batches of 100, and count the outcomes.",
    queue="default",
    timeout=300,
    expires_after=73 * 3600,
)

DELIVER_BATCH = TaskDefinition(
    name="email.deliver_batch",
    payload=DeliverBatch,
    description="Send up to 100 prepared messages in one call at the mail provider.",
    queue="bulk",
    max_attempts=25,
    timeout=60,
    expires_after=72 * 3600,
    ids_only=True,
)

DELIVER_MESSAGE = TaskDefinition(
    name="email.deliver_message",
    payload=DeliverBatch,
    description="Send a batch of one message that somebody waits for.",
    queue="interactive",
    max_attempts=25,
    timeout=60,
    expires_after=72 * 3600,
    ids_only=True,
    urgent=True,
)

BATCH_PENDING = TaskDefinition(
    name="upkeep.batch_messages",
    payload=BatchPending,
    description="Put messages that have been pending for 30 s into batches; mark what nobody can know.",
    queue="upkeep",
    priority=4,
    expires_after=300,
    ids_only=True,
)


class ApplyEvent(Payload):
    """A row of inbound_events."""

    shown = frozenset({"event_id"})

    event_id: UUID


APPLY_EVENT = TaskDefinition(
    name="email.apply_event",
    payload=ApplyEvent,
    description="Move a message forward by what the mail provider reported about it; suppress addresses that refuse.",
    queue="default",
    priority=6,
    max_attempts=25,
    expires_after=7 * 24 * 3600,
    batch=20,
    ids_only=True,
)


class DraftTemplate(Payload):
    """What a recruiter wants written: a template of this type, in this language. `tone` is in his own words."""

    shown = frozenset({"kind", "locale"})

    kind: Kind
    locale: Locale = DEFAULT_LOCALE
    tone: str = Field("", max_length=100)
    instructions: str = Field("", max_length=2000)


DRAFT = TaskDefinition(
    name="email.draft",
    payload=DraftTemplate,
    description="Propose the text of an e-mail template with the variables of its type.",
    queue="interactive",
    max_attempts=3,
    timeout=60,
    expires_after=600,
)
