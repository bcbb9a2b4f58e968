"""What the row of a message keeps of its mail (`email_messages.context`). What older releases wrote is read too."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError

from worker.services.email.wording import formats

LONGEST_ALERT_NAME = 80
# The member of any context that is forgotten once its batch is finished: what the database cannot tell any more.
UNTIL_SENT = "until_sent"


class TemplatedContext(BaseModel):
    """Of a mail from a template. `values` win over what the platform fills in; a `sample` is a test."""

    application_id: int | None = None
    sent_by: int | None = None
    sample: bool = False
    values: dict[str, str] = Field(default_factory=dict)


class RawContext(BaseModel):
    """Of a mail that another program of ours wrote."""

    subject: str
    text: str
    html: str | None = None
    reply_to: str | None = None


class Section(BaseModel):
    """What one alert found. job_ids: the offers shown, in order; more: how many others matched; spare: the next ones
    of those, for offers that close before the mail is written.
    """

    alert_id: int
    alert_name: str
    job_ids: list[int]
    more: int = Field(ge=0)
    spare: list[int] = Field(default_factory=list)


class DigestContext(BaseModel):
    """Of a digest: of one alert, with the members of a section, or of several, with `sections` and `frequency`.

    test: somebody tries out an alert; the subject says so.
    """

    alert_name: str
    frequency: str
    job_ids: list[int]
    alert_id: int | None = None
    more: int = Field(ge=0)
    spare: list[int] = Field(default_factory=list)
    sections: list[Section] = Field(default_factory=list)
    test: bool = False

    @classmethod
    def read(cls, context: Any) -> Self | None:
        """None for what no release wrote, or for what was forgotten."""
        try:
            if isinstance(context, Mapping) and "sections" in context:
                sections = [Section.model_validate(each) for each in context["sections"]]
                return cls.of_sections(sections, context.get("frequency", ""))
            return cls.model_validate(context)
        except ValidationError:
            return None

    @classmethod
    def of_sections(cls, sections: Sequence[Section], frequency: str) -> Self:
        """The members that a digest of one alert has, for all sections together; each offer once."""
        return cls(
            alert_name=" · ".join([formats.line(each.alert_name, LONGEST_ALERT_NAME) for each in sections]),
            frequency=frequency,
            job_ids=list(dict.fromkeys(job for each in sections for job in each.job_ids)),
            spare=[job for each in sections for job in each.spare],
            more=sum(each.more for each in sections),
            sections=list(sections),
        )

    @property
    def parts(self) -> Sequence["Section | DigestContext"]:
        """What each alert found."""
        return self.sections or [self]
