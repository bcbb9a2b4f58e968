"""The people of a company: who writes, and which colleagues he may mention."""

from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.email.wording import formats

# Of `users u`: as the main web app names somebody.
NAME = "coalesce(nullif(btrim(u.name), ''), nullif(btrim(concat_ws(' ', u.first_name, u.last_name)), ''), '')"
LONGEST_NAME = 200
# Names in a note are looked for among so many colleagues; by number everybody is found.
MOST_COLLEAGUES = 5000

# Of `employers e join users u`.
IS_ACTIVE_EMPLOYER = "coalesce(u.is_active, true) and lower(u.role::text) = 'employer'"
COLLEAGUES = f"""
  from employers e join users u on u.id = e.user_id
 where e.company_id = %(company)s and {IS_ACTIVE_EMPLOYER}
"""


@dataclass(frozen=True, slots=True)
class Person:
    user_id: int
    user_name: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """An active employer of the company. full_name: first and last name."""

    user_id: int
    user_name: str
    full_name: str

    @property
    def person(self) -> Person:
        return Person(self.user_id, self.user_name)


def author(connection: Connection, user_id: int) -> Person:
    """Whoever writes, under the name that he has now."""
    found = query(connection, f"select {NAME} as user_name from users u where u.id = %s", (user_id,))
    return Person(user_id, formats.line(found[0]["user_name"], LONGEST_NAME) if found else "")


def colleagues(connection: Connection, company_id: int) -> list[Colleague]:
    """All whom a note may name, at most 5,000."""
    found = query(
        connection,
        f"""
        select u.id as user_id, {NAME} as user_name, concat_ws(' ', u.first_name, u.last_name) as full_name {COLLEAGUES}
         order by u.id limit %(limit)s
        """,
        {"company": company_id, "limit": MOST_COLLEAGUES},
    )
    return [Colleague(**{**row, "user_name": formats.line(row["user_name"], LONGEST_NAME)}) for row in found]


def colleagues_of_ids(connection: Connection, company_id: int, ids: list[int]) -> list[Person]:
    """Those of these users who are colleagues."""
    found = query(
        connection,
        f"select u.id as user_id, {NAME} as user_name {COLLEAGUES} and u.id = any(%(ids)s)",
        {"company": company_id, "ids": ids},
    )
    return [Person(row["user_id"], formats.line(row["user_name"], LONGEST_NAME)) for row in found]


def page(connection: Connection, company_id: int, search: str, *, limit: int, offset: int) -> tuple[list[Person], int]:
    """Colleagues whose name has `search` in it, in any case; by name, with how many there are in all."""
    values = {"company": company_id, "search": search, "limit": limit, "offset": offset}
    condition = f"{COLLEAGUES} and position(lower(%(search)s) in lower({NAME})) > 0"
    found = query(
        connection,
        f"""
        select u.id as user_id, {NAME} as user_name {condition}
         order by lower({NAME}), u.id limit %(limit)s offset %(offset)s
        """,
        values,
    )
    total = query(connection, f"select count(*) as total {condition}", values)[0]["total"]
    return [Person(row["user_id"], formats.line(row["user_name"], LONGEST_NAME)) for row in found], total
