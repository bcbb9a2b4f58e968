"""How often somebody may ask: every route that writes counts, and docs/limits.md tells all limits."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from limits import RateLimitItem, parse

from tests.integration.api.attempts import ATTEMPTS, COLUMNS, ask
from tests.integration.api.world import ADMIN, CANDIDATE, EMPLOYER, World

PAGE = (Path(__file__).parents[4] / "docs" / "limits.md").read_text("utf-8")
ROW = re.compile(r"^\| ([a-z ]+) \| (\d[\w ]+) \| ([a-z]+) \|", re.MULTILINE)
# Their callers are programs and operators, whose requests are counted as such.
COUNTED_BY_KEY = re.compile(r" /api/(tasks|queues|suppressions|webhooks)")
# What is counted only with a key, after a click, with an answer, or where Claude is asked.
UNASKED = {"answers kept", "career clicks", "interview answers", "recommendations"}
# What these change lies in the browser.
COOKIES = {"POST /api/session", "POST /appearance", "POST /signout"}
USERS = {"the candidate": CANDIDATE, "the employer": EMPLOYER, "an administrator": ADMIN}

Hit = tuple[str, str, str]


@pytest.fixture
def hits(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Hit]:
    """What is counted from now on: the limit's name, its amount, and of what kind whoever is counted is."""
    counted: list[Hit] = []

    def hit(limit: RateLimitItem, name: str, *who: str, cost: int = 1) -> bool:
        kind = who[0].partition(":")[0] if who and ":" in who[0] else "address"
        counted.append((name, str(limit), kind))
        return True

    monkeypatch.setattr(world.api.app.extensions["intowork.tally"], "hit", hit)
    return counted


def asked(world: World, hits: list[Hit]) -> Iterator[tuple[str, list[Hit]]]:
    """Every route, by each user whom it answers; what that counted."""
    for route, attempt in ATTEMPTS.items():
        statuses = attempt.statuses.split() * (len(COLUMNS) if " " not in attempt.statuses else 1)
        expected = dict(zip(COLUMNS, statuses, strict=True))
        for who, user_id in USERS.items():
            if expected[who] < "400":
                del hits[:]
                ask(world.user(user_id), route, world.named("Ouvert"))
                yield route, list(hits)


def test_whatever_writes_is_counted_and_the_page_tells_how(world: World, hits: list[Hit]) -> None:
    found: set[Hit] = set()
    uncounted = set()
    for route, counted in asked(world, hits):
        found.update(counted)
        if not route.startswith("GET") and not counted and not COUNTED_BY_KEY.search(route) and route not in COOKIES:
            uncounted.add(route)
    assert uncounted == set(), "These routes write as often as somebody likes: count them with `check_limit`."
    told = {(name, str(parse(amount)), kind) for name, amount, kind in ROW.findall(PAGE)}
    assert sorted(found - told) == [], "docs/limits.md lacks these limits."
    assert {name for name, _, _ in told} - {name for name, _, _ in found} <= UNASKED
