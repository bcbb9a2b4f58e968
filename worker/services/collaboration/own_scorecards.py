"""Each colleague's own scorecard of an application: nobody is led by what others think before he has said it himself.

A draft is its author's alone. Once handed in it can be changed but not taken back: he has seen the others' since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from models.scorecards import CRITERIA
from worker.kit.database import Row, query
from worker.services.collaboration.interviewers import Interviewer, awaited
from worker.services.collaboration.people import NAME

State = Literal["none", "draft", "submitted"]

# Of the criteria that were given; each value as it was entered, so that nothing is rounded twice.
MEAN = f"(select avg(given) from unnest(array[{', '.join(CRITERIA)}]) as given)"
SCORE = f"coalesce(overall, {MEAN})"
COLUMNS = f"""
s.user_id, nullif({NAME}, '') as name,
{", ".join(CRITERIA)}, overall is not null as overall_sent, round({SCORE}, 1)::float8 as overall, comment,
s.submitted_at, s.updated_at
"""
SAVE = f"""
insert into own_scorecards as kept
       (application_id, user_id, {", ".join(CRITERIA)}, overall, comment, submitted_at)
values (%(application_id)s, %(user_id)s, {", ".join(f"%({name})s" for name in CRITERIA)}, %(overall)s, %(comment)s,
        case when %(submitted)s then now() end)
on conflict (application_id, user_id) do update
   set {", ".join(f"{name} = excluded.{name}" for name in (*CRITERIA, "overall", "comment"))},
       submitted_at = coalesce(kept.submitted_at, excluded.submitted_at), updated_at = now()
 where kept.submitted_at is null or excluded.submitted_at is not null
returning id
"""
MINE = f"""
select {COLUMNS} from own_scorecards s left join users u on u.id = s.user_id
 where s.application_id = %s and s.user_id = %s
"""
SUBMITTED = f"""
select {COLUMNS} from own_scorecards s left join users u on u.id = s.user_id
 where s.application_id = %(application)s and s.submitted_at is not null
 order by s.submitted_at, s.id limit %(limit)s offset %(offset)s
"""
MEANS = f"""
select {", ".join(f"round(avg({name}), 1)::float8 as {name}" for name in CRITERIA)},
       round(avg({SCORE}), 1)::float8 as overall, count(*) as total,
       coalesce(bool_or(user_id = %(user)s), false) as own_is_in
  from own_scorecards where application_id = %(application)s and submitted_at is not null
"""


@dataclass(frozen=True, slots=True)
class NewCard:
    """criteria: 1 to 5 by name of CRITERIA; those left out are not given. overall: 1 to 5, None where not given."""

    criteria: Mapping[str, int]
    overall: int | None
    comment: str | None
    submitted: bool


@dataclass(frozen=True, slots=True)
class Card:
    """overall: as it was given (overall_sent), else the mean of the criteria given, with one decimal.

    user_id, author: None when the account is gone.
    """

    user_id: int | None
    author: str | None
    criteria: Mapping[str, int | None]
    overall_sent: bool
    overall: float | None
    comment: str | None
    submitted_at: datetime | None
    updated_at: datetime

    @property
    def state(self) -> State:
        return "draft" if self.submitted_at is None else "submitted"


@dataclass(frozen=True, slots=True)
class Means:
    """Over all that were handed in, with one decimal; None for what nobody gave."""

    criteria: Mapping[str, float | None]
    overall: float | None


@dataclass(frozen=True, slots=True)
class CardPage:
    """total: how many were handed in. awaited: who held an interview and has not handed in his. cards, means: nothing
    until the reader's own one is among them (own_is_in).
    """

    own_is_in: bool
    total: int
    awaited: Sequence[Interviewer]
    cards: Sequence[Card]
    means: Means | None


class AlreadySubmitted(Exception):
    """What was handed in becomes no draft again."""


def save(connection: Connection, application_id: int, user_id: int, new: NewCard) -> Card:
    """Write a colleague's own card in place of the one he has. The caller holds the application's row.

    Raises AlreadySubmitted for a draft of what was handed in.
    """
    values = {
        **dict.fromkeys(CRITERIA),
        **new.criteria,
        "application_id": application_id,
        "user_id": user_id,
        "overall": new.overall,
        "comment": new.comment,
        "submitted": new.submitted,
    }
    if not query(connection, SAVE, values):
        raise AlreadySubmitted
    saved = mine(connection, application_id, user_id)
    if saved is None:
        raise LookupError("a scorecard vanished in the transaction that wrote it")
    return saved


def mine(connection: Connection, application_id: int, user_id: int) -> Card | None:
    found = query(connection, MINE, (application_id, user_id))
    return _card(found[0]) if found else None


def find(
    connection: Connection, application_id: int, user_id: int, company_id: int, *, limit: int, offset: int
) -> CardPage:
    """What a colleague may see, the first that was handed in first."""
    missing = awaited(connection, application_id, company_id)
    [row] = query(connection, MEANS, {"application": application_id, "user": user_id})
    if not row["own_is_in"]:
        return CardPage(own_is_in=False, total=row["total"], awaited=missing, cards=(), means=None)
    found = query(connection, SUBMITTED, {"application": application_id, "limit": limit, "offset": offset})
    means = Means({name: row[name] for name in CRITERIA}, row["overall"])
    cards = [_card(each) for each in found]
    return CardPage(own_is_in=True, total=row["total"], awaited=missing, cards=cards, means=means)


def _card(row: Row) -> Card:
    return Card(
        user_id=row["user_id"],
        author=row["name"],
        criteria={name: row[name] for name in CRITERIA},
        overall_sent=row["overall_sent"],
        overall=row["overall"],
        comment=row["comment"],
        submitted_at=row["submitted_at"],
        updated_at=row["updated_at"],
    )
