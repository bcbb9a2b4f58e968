"""The scorecard that the people of a company fill in together.

Stored are the criteria, `overall` where somebody gave it, and `average` for the main web app. An `overall` that nobody
gave is the mean of the criteria; neither it nor `average` enters a mean.
"""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from models.scorecards import CRITERIA
from worker.kit.database import execute
from worker.services.collaboration import changes, rows

ENTERED = (*CRITERIA, "overall")
AVERAGED_FROM = 3
LOWEST, HIGHEST = 1, 5
COLUMN = "scorecard"

Score = int | float

WRITE = f"""
update job_applications
   set {COLUMN} = ((case when jsonb_typeof({COLUMN}) = 'object' then {COLUMN} else '{{}}'::jsonb end)
                   - %(gone)s::text[]) || %(set)s::jsonb, updated_at = now()
 where id = %(application)s
"""


def mean(scores: Mapping[str, Any]) -> float | None:
    """Of the criteria, to one decimal as the main web app rounds; None without any."""
    entered = list(_criteria(scores).values())
    return round(sum(entered) / len(entered), 1) if entered else None


def read(stored: Any) -> dict[str, Any]:
    """A stored scorecard as it is shown; members that are none of ours stay as they are."""
    members: Mapping[str, Any] = stored if isinstance(stored, Mapping) else {}
    others = {name: value for name, value in members.items() if name not in {*ENTERED, "average"}}
    criteria = _criteria(members)
    shown: dict[str, Any] = {**others, **criteria}
    if (overall := _overall(members)) is not None:
        shown["overall"] = overall
    if len(criteria) >= AVERAGED_FROM:
        shown["average"] = mean(members)
    return shown


def _criteria(members: Mapping[str, Any]) -> dict[str, int]:
    return {name: score for name in CRITERIA if (score := _score(members.get(name))) is not None}


def _score(value: Any) -> int | None:
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if is_whole and LOWEST <= value <= HIGHEST else None


def _overall(members: Mapping[str, Any]) -> Score | None:
    """Whole where somebody gave it; what has a decimal was computed by another program."""
    given = members.get("overall")
    if isinstance(given, int) and (score := _score(given)) is not None:
        return score
    computed = mean(members)
    if computed is None and isinstance(given, float) and LOWEST <= given <= HIGHEST:
        return given
    return computed


def find(connection: Connection, application_id: int) -> dict[str, Any]:
    return read(rows.columns(connection, application_id, COLUMN)[COLUMN])


def change(
    connection: Connection, application_id: int, user_id: int, given: Mapping[str, int | None]
) -> dict[str, Any]:
    """Merge scores (1 to 5) into it; None takes one away. Of an application that this transaction holds."""
    stored = rows.columns(connection, application_id, COLUMN)[COLUMN]
    members = dict(stored) if isinstance(stored, dict) else {}
    cleared = {name for name, value in given.items() if value is None}
    after = {name: value for name, value in {**members, **given}.items() if name not in cleared}
    if len(_criteria(after)) >= AVERAGED_FROM:
        after["average"] = mean(after)
    else:
        after.pop("average", None)
    if after == members:
        return read(stored)
    gone = [name for name in members if name not in after]
    new = {name: value for name, value in after.items() if name in given or name == "average"}
    execute(connection, WRITE, {"gone": gone, "set": Jsonb(new), "application": application_id})
    changes.record(connection, application_id, user_id, "scorecard", stored, after)
    return read(after)
