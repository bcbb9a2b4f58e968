"""E-mail templates: requests and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, RootModel, StringConstraints, field_validator

from api_min.errors import NO_TEMPLATE, invalid
from api_min.schemas.ats import (
    ANY_CASE,
    SPOKEN,
    Absent,
    ApplicationId,
    Loose,
    LooseQuery,
    PageQuery,
    not_null,
    row_id,
)
from api_min.schemas.tasks import MadeRun, Run
from models.enums import TemplateType
from worker.kit import localisation
from worker.kit.tasks import at_most

MOST_VALUES = 40
MOST_APPLICATIONS = 500


def _kind(value: Any) -> Any:
    return TemplateType.parse(value) if isinstance(value, str) else value


def _kind_in_path(value: Any) -> TemplateType:
    try:
        return TemplateType.parse(str(value))
    except ValueError as error:
        raise invalid(["path", "type"], str(error)) from None


Kind = Annotated[TemplateType, BeforeValidator(_kind)]
Locale = Annotated[localisation.Locale, SPOKEN]
BodyFormat = Annotated[Literal["html", "text"], ANY_CASE]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Body = Annotated[str, StringConstraints(min_length=1)]
Values = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")], Annotated[str, Field(max_length=1000)]],
    Field(max_length=MOST_VALUES, description="Values by name without braces; they win over what the platform knows."),
    at_most(MOST_VALUES),
]


class TemplatePath(BaseModel):
    template_id: Annotated[int, BeforeValidator(row_id("path.template_id", NO_TEMPLATE))]


class VersionPath(TemplatePath):
    version: Annotated[int, BeforeValidator(row_id("path.version", "Version not found"))]


class KindPath(BaseModel):
    type: Annotated[TemplateType, BeforeValidator(_kind_in_path)]


class TemplateQuery(PageQuery):
    type: Kind | None = None
    is_active: bool | None = None
    locale: Locale | None = None


class LocaleQuery(LooseQuery):
    locale: Locale = localisation.DEFAULT_LOCALE


class VariablesQuery(LocaleQuery):
    type: Kind | None = Field(None, description="Only what this type may use; without it the main web app's 15.")


class NewTemplate(Loose):
    name: Name
    type: Kind
    subject: Subject
    body: Body
    is_default: bool = False
    is_active: bool = True
    locale: Locale = localisation.DEFAULT_LOCALE
    body_format: BodyFormat = "html"


class TemplateChanges(Loose):
    """What is left out stays as it is."""

    name: Name | Absent = None
    type: Kind | Absent = None
    subject: Subject | Absent = None
    body: Body | Absent = None
    is_active: bool | Absent = None
    is_default: bool | Absent = None
    locale: Locale | Absent = None
    body_format: BodyFormat | Absent = None

    _given = field_validator("*", mode="before")(not_null)


class Template(BaseModel):
    id: int
    company_id: int
    created_by_user_id: int
    name: str
    type: str
    subject: str
    body: str
    is_active: bool
    is_default: bool
    usage_count: int
    created_at: datetime | None
    updated_at: datetime | None
    last_used_at: datetime | None
    locale: str
    body_format: str
    version: int


class SavedTemplate(Template):
    """warnings: sentences about what is accepted and may still not be what was meant."""

    warnings: list[str]


class TemplateList(RootModel[list[Template]]):
    pass


class Version(BaseModel):
    """What a template said. created_by_user_id is null where the main web app wrote."""

    version: int
    type: str
    locale: str
    subject: str
    body: str
    body_format: str
    created_at: datetime
    created_by_user_id: int | None
    is_current: bool


class VersionList(RootModel[list[Version]]):
    pass


class BuiltInTemplate(BaseModel):
    type: str
    name: str
    subject: str
    body: str
    already_activated: bool
    locale: str


class BuiltInList(RootModel[list[BuiltInTemplate]]):
    pass


class VariableDetail(BaseModel):
    name: str
    required: bool
    default: str | None
    sample: str
    description: str


class VariableList(BaseModel):
    """`variables` and the keys of `descriptions` carry their braces."""

    variables: list[str]
    descriptions: dict[str, str]
    details: list[VariableDetail]


class MostUsed(BaseModel):
    template_id: int
    name: str
    usage_count: int


class MostUsedTemplate(BaseModel):
    id: int
    name: str
    usage_count: int


class Usage(BaseModel):
    """The report's members beside the main web app's."""

    total_templates: int
    active_templates: int
    inactive_templates: int
    total_usage: int
    most_used_template: MostUsedTemplate | None
    by_type: dict[str, int]
    default_templates_count: int
    most_used: MostUsed | None


class PreviewRequest(Loose):
    """Without an application the values are examples."""

    application_id: ApplicationId | None = None
    values: Values = Field(default_factory=dict)


class DraftPreviewRequest(PreviewRequest):
    """A template that is not saved yet."""

    type: Kind
    subject: Annotated[str, Field(max_length=500)] = ""
    body: str = ""
    locale: Locale = localisation.DEFAULT_LOCALE
    body_format: BodyFormat = "html"


class Preview(BaseModel):
    """The mail as it would leave. missing: names that have no value, without braces; such a mail is not sent.

    warnings: sentences about what may not be what was meant.
    """

    subject: str
    html: str
    text: str
    missing: list[str]
    warnings: list[str]


class SendRequest(Loose):
    application_ids: Annotated[list[ApplicationId], at_most(MOST_APPLICATIONS)] = Field(
        min_length=1, max_length=MOST_APPLICATIONS
    )
    values: Values = Field(default_factory=dict)


class Sending(BaseModel):
    """count: applications, each once."""

    run: MadeRun
    count: int


class TestRequest(Loose):
    values: Values = Field(default_factory=dict)


class TestSending(BaseModel):
    message: str
    run: Run


class DraftRequest(Loose):
    type: Kind
    tone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    locale: Locale = localisation.DEFAULT_LOCALE
    instructions: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class Draft(BaseModel):
    """A proposal; its texts are null while it is being written."""

    type: str
    locale: str
    name: str | None
    subject: str | None
    body: str | None
    body_format: str
    run: Run
