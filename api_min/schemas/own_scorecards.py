"""Own scorecards: requests and answers."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from api_min.schemas.ats import ANY_CASE, Loose

LONGEST_COMMENT = 5000

Grade = Annotated[int, Field(ge=1, le=5)]
Mean = Annotated[float, Field(ge=1, le=5)]


class Criteria(Loose):
    technical_skills: Grade | None = None
    soft_skills: Grade | None = None
    experience: Grade | None = None
    culture_fit: Grade | None = None
    communication: Grade | None = None
    motivation: Grade | None = None


class NewScorecard(Loose):
    """The whole card: what is left out, or null, is not given. A draft is seen by nobody else. What is handed in holds
    a criterion or `overall`, and can be changed, but becomes no draft again.
    """

    criteria: Criteria = Field(default_factory=Criteria)
    overall: Grade | None = None
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_COMMENT)] | None = None
    state: Annotated[Literal["draft", "submitted"], ANY_CASE] = "submitted"

    @model_validator(mode="after")
    def _something(self) -> Self:
        grades = (self.overall, *self.criteria.model_dump().values())
        if self.state == "submitted" and all(each is None for each in grades):
            raise ValueError("a scorecard is handed in with at least one criterion, or overall, from 1 to 5")
        return self


class Author(BaseModel):
    """Null both when the account is gone."""

    user_id: int | None
    user_name: str | None


class Scorecard(BaseModel):
    """overall: as it was sent (`overall_sent`), else the mean of the criteria, with one decimal."""

    author: Author
    criteria: Criteria
    overall: Mean | None
    overall_sent: bool
    comment: str | None
    submitted_at: datetime | None
    updated_at: datetime


class OwnScorecard(BaseModel):
    """scorecard: null while there is none."""

    application_id: int
    state: Literal["none", "draft", "submitted"]
    scorecard: Scorecard | None


class MeanCriteria(BaseModel):
    technical_skills: Mean | None
    soft_skills: Mean | None
    experience: Mean | None
    culture_fit: Mean | None
    communication: Mean | None
    motivation: Mean | None


class Means(BaseModel):
    """Over all cards that were handed in, with one decimal."""

    criteria: MeanCriteria
    overall: Mean | None


class Scorecards(BaseModel):
    """visible: whether the caller's own is handed in; until then `scorecards` is empty and `mean` null. total: how many
    were handed in. awaited: who held an interview and has not handed in his.
    """

    application_id: int
    visible: bool
    total: int
    awaited: list[Author]
    scorecards: list[Scorecard]
    mean: Means | None
