"""Notes, rating, tags and scorecard of an application on the wire."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, RootModel, StringConstraints

from api_min.errors import NO_APPLICATION_IN_ENGLISH, ApiError, invalid
from api_min.schemas.ats import Loose, PageQuery, row_id
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import at_most
from worker.services.collaboration import tags
from worker.services.collaboration.notes import LONGEST_NOTE, is_id
from worker.services.collaboration.shared_scorecard import HIGHEST, LOWEST

NO_NOTE = "Note not found"
# More tags than are ever kept: doubles and blanks go before they are counted.
MOST_SENT = 100


def _place(value: object) -> int | str:
    """An index of the list, or a note's id."""
    text = str(value)
    if re.fullmatch(r"[+-]?[0-9]{1,100}", text):
        if not 0 <= int(text) <= LARGEST_ROW_ID:
            raise ApiError(404, NO_NOTE)
        return int(text)
    if not is_id(text):
        raise invalid(["path", "note_id"], "must be a note's id, or its index in the list (a whole number)")
    return text


ApplicationId = Annotated[int, BeforeValidator(row_id("path.application_id", NO_APPLICATION_IN_ENGLISH))]
NotePlace = Annotated[int | str, BeforeValidator(_place)]
Stars = Annotated[int, Field(strict=True, ge=LOWEST, le=HIGHEST)]
Sent = Annotated[str, StringConstraints(max_length=tags.LONGEST_INPUT)]
Tags = Annotated[list[Sent], Field(max_length=MOST_SENT), at_most(MOST_SENT), AfterValidator(tags.several)]


class ApplicationPath(BaseModel):
    application_id: ApplicationId


class NotePath(ApplicationPath):
    note_id: NotePlace = Field(description="A note's `id`, or its `index` at the moment of the request.")


class TagPath(ApplicationPath):
    tag: str = Field(max_length=tags.LONGEST_INPUT, description="Encoded as a part of an address; it may hold `/`.")


class ColleagueQuery(PageQuery):
    search: str = Field("", max_length=100, description="A part of the name, in any case.")


class NewNote(Loose):
    """Whoever is mentioned is told: `@[Rose Mba](user:9)` by number, `@rose.mba` or `@"Rose Mba"` by name."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NOTE)]


class NewRating(Loose):
    rating: Stars


class NewTags(Loose):
    """All tags, at most 10 of 50 characters once blank ones and doubles are left out."""

    tags: Tags


class ScorecardChanges(Loose):
    """What is left out stays; null takes a score away. An `overall` that nobody gave is the mean of the criteria."""

    technical_skills: Stars | None = None
    soft_skills: Stars | None = None
    culture_fit: Stars | None = None
    experience: Stars | None = None
    communication: Stars | None = None
    motivation: Stars | None = None
    overall: Stars | None = None


class Note(BaseModel):
    """`created_at` and `timestamp` are the same moment. user_id, both times: null where a program wrote none."""

    id: str
    index: int
    user_id: int | None
    user_name: str
    note: str
    created_at: datetime | None
    timestamp: datetime | None


class NoteList(RootModel[list[Note]]):
    pass


class Person(BaseModel):
    user_id: int
    user_name: str


class NoteAdded(BaseModel):
    """mentions: the colleagues that the note means, who are told. unknown_mentions: others as they were written."""

    message: str
    note: Note
    total_notes: int
    mentions: list[Person]
    unknown_mentions: list[str]


class Rated(BaseModel):
    message: str
    rating: int


class TagList(BaseModel):
    application_id: int
    tags: list[str]


class Tagged(BaseModel):
    message: str
    tags: list[str]


class SharedScorecard(BaseModel):
    """A score that nobody gave is left out. overall: as given, else the mean of the criteria; average: that mean, from
    three criteria on.
    """

    technical_skills: int | None = None
    soft_skills: int | None = None
    culture_fit: int | None = None
    experience: int | None = None
    communication: int | None = None
    motivation: int | None = None
    overall: float | None = None
    average: float | None = None


class ScorecardOfApplication(BaseModel):
    application_id: int
    scorecard: SharedScorecard
    rating: int | None


class ScorecardSaved(BaseModel):
    message: str
    scorecard: SharedScorecard


class Collaboration(BaseModel):
    application_id: int
    recruiter_notes: list[Note]
    rating: int | None
    tags: list[str]
    scorecard: SharedScorecard | None


class Colleague(Person):
    """mention: what stands in a note that mentions him."""

    mention: str


class ColleagueList(RootModel[list[Colleague]]):
    pass


class Change(BaseModel):
    """user_name: empty where the account is gone. before, after: as stored; null for nothing."""

    id: int
    application_id: int
    kind: Literal["rating", "tags", "scorecard", "note_deleted"]
    user_id: int | None
    user_name: str
    before: Any
    after: Any
    created_at: datetime


class ChangeList(RootModel[list[Change]]):
    pass
