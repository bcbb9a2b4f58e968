"""Who may call what: every route of the route table, tried by everybody."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.factories.api import Api, token
from tests.integration.api.attempts import ATTEMPTS, COLUMNS, ask
from tests.integration.api.authorisation.possessions import MINE, tables, versions
from tests.integration.api.world import (
    ADMIN,
    CANDIDATE,
    EMPLOYER,
    FOREIGN_EMPLOYER,
    OTHER_CANDIDATE,
    Named,
    World,
    route_table,
)

MARK = "Caché"
SECRETS = (MARK, "secret@example.org", "paul.ndong")
PEOPLE = dict(zip(COLUMNS, (CANDIDATE, OTHER_CANDIDATE, EMPLOYER, FOREIGN_EMPLOYER, ADMIN), strict=False))
# Those who have no part in company 1 or candidate 1.
TRESPASSERS = ("another candidate", "another company's employer")
# Those who try what is open to all.
SAMPLE = ("nobody", "whoever has a forged token", "the candidate")
# Tokens that would be good, but for one fault.
STRANGERS = {
    "nobody": "",
    "whoever has a token of yesterday": f"Bearer {token(exp=int(time.time()) - 1)}",
    "whoever has a forged token": f"Bearer {token(secret='another secret that is also long enough to sign')}",
}


@dataclass
class Trial:
    """A route, tried with ids of company 1 and candidate 1. What is wrong is told in sentences."""

    world: World
    callers: dict[str, Api]
    route: str
    named: Named

    @cached_property
    def expected(self) -> dict[str, int]:
        """The status by caller."""
        found = [int(each) for each in ATTEMPTS[self.route].statuses.split()]
        everybody = found * len(COLUMNS) if self.is_open else found
        stranger = found[0] if self.is_open else 401
        return {**dict.fromkeys(STRANGERS, stranger), **dict(zip(COLUMNS, everybody, strict=True))}

    @property
    def is_open(self) -> bool:
        return " " not in ATTEMPTS[self.route].statuses

    def faults(self) -> Iterator[str]:
        """Refusals come first, because the rows are still there then."""
        who = list(SAMPLE if self.is_open else self.expected)
        before = versions(self.world, tables(self.world))
        for each in filter(self._is_refused, who):
            yield from self._try(each)
        yield from () if self.is_open else self._order()
        yield from self._changes(before, "somebody who is refused")
        for each in sorted(who, key=TRESPASSERS.__contains__, reverse=True):
            if not self._is_refused(each):
                yield from self._admitted(each)
        self.world.rows(FORGET)

    def _order(self) -> Iterator[str]:
        """Credentials are looked at before anything else, and a slash at the end makes no other address of it."""
        method, _, rule = self.route.partition(" ")
        for path in (f"{re.sub('<.*?>', '1', rule)}/", re.sub("<.*?>", "x", rule)):
            answer = self.callers["nobody"].call(method, path, data=b"{", content_type="application/json")
            if answer.status_code != 401:
                yield f"{self.route}: nobody is answered {answer.status_code} at {path}, not 401"

    def _is_refused(self, who: str) -> bool:
        return self.expected[who] >= 400

    def _admitted(self, who: str) -> Iterator[str]:
        if who not in TRESPASSERS or self.is_open:
            yield from self._try(who)
        else:
            before = versions(self.world, MINE)
            yield from self._try(who)
            self.world.work()
            yield from self._runs(who)
            yield from self._changes(before, who)
        if not self.route.startswith("GET"):
            self.named = self.world.named(MARK)

    def _try(self, who: str) -> Iterator[str]:
        answer = ask(self.callers[who], self.route, self.named)
        if answer.status_code != self.expected[who]:
            yield f"{self.route}: {who} is answered {answer.status_code}, not {self.expected[who]}: {answer.text[:300]}"
        if who in TRESPASSERS and not self.is_open:
            yield from self._told(who, answer.text)

    def _runs(self, who: str) -> Iterator[str]:
        """What a worker has done for him."""
        found = self.world.rows("select payload::text, result::text from task_runs where caused_by = %s", PEOPLE[who])
        yield from self._told(who, str(found))

    def _told(self, who: str, text: str) -> Iterator[str]:
        yield from (f"{self.route}: {who} reads {secret}" for secret in SECRETS if secret in text)

    def _changes(self, before: dict[str, tuple[int, int]], who: str) -> Iterator[str]:
        after = versions(self.world, MINE if before.keys() == MINE.keys() else tables(self.world))
        yield from (f"{self.route}: {who} changes {table}" for table in before if before[table] != after[table])


# What was asked for by those who may is not done here.
FORGET = "update task_runs set state = 'cancelled' where state = 'queued' and run_at <= now() returning id"


def everybody(world: World) -> dict[str, Api]:
    """By what they are called in the matrix."""
    blank = world.api.with_token("")
    return {
        **{
            who: Api(blank.app, blank.client, blank.database, blank.worker, {"Authorization": header})
            for who, header in STRANGERS.items()
        },
        **{who: world.user(user_id) for who, user_id in PEOPLE.items()},
        COLUMNS[-2]: world.api.with_key("tasks:write", "tasks:read", "operations"),
        COLUMNS[-1]: world.api.with_key("companies"),
    }


def test_every_route_has_its_line(world: World) -> None:
    known, wanted = set(ATTEMPTS), set(route_table(world.api.app))
    assert wanted - known == set(), "Say in tests/integration/api/attempts.py who is answered what at these routes."
    assert known - wanted == set(), "These routes are gone: take their lines out of tests/integration/api/attempts.py."


def test_everybody_is_answered_as_the_matrix_says(world: World) -> None:
    """Whoever is refused changes nothing; whoever has no part in what he names neither reads nor changes it."""
    callers = everybody(world)
    faults = [fault for route in ATTEMPTS for fault in Trial(world, callers, route, world.named(MARK)).faults()]
    assert faults == [], "\n".join(faults)
