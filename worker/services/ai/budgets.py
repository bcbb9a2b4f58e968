"""What answers of a language model may cost: daily budgets that hold whatever happens to the worker that spends.

The most that a call can cost is put down before it, and corrected to its true cost afterwards.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from worker.contracts.usage import Usage
from worker.kit.database import execute, query
from worker.kit.errors import Permanent
from worker.kit.settings import Settings

ALL = 0
MICRO = 1_000_000
USED_UP = "ai.budget_used_up"

RESERVE = """
insert into ai_spending as s (day, company_id, calls, micro_usd)
select (now() at time zone %(zone)s)::date, %(company)s, 1, %(cost)s where %(cost)s <= %(budget)s
on conflict (day, company_id) do update
   set calls = s.calls + 1, micro_usd = s.micro_usd + excluded.micro_usd
 where s.micro_usd + excluded.micro_usd <= %(budget)s
returning day
"""
SPENT = """
select s.company_id, s.micro_usd from ai_spending s
 where s.day = (now() at time zone %(zone)s)::date and s.company_id = any(%(companies)s)
"""
CORRECT = """
update ai_spending
   set micro_usd = micro_usd + %(difference)s, input_tokens = input_tokens + %(input)s,
       output_tokens = output_tokens + %(output)s
 where day = %(day)s and company_id = %(company)s
"""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money put aside for one call, in millionths of a US dollar. companies: whose budgets it was taken from.

    share: of the usual prices that is asked for this call.
    """

    day: date
    companies: tuple[int, ...]
    micro_usd: int
    share: float = 1.0


def price(usage: Usage, settings: Settings, share: float = 1.0) -> int:
    """In millionths of a US dollar, rounded up: a price per million tokens is that of one token in millionths.

    share: of the usual prices.
    """
    cost = usage.input_tokens * settings.ai_input_price_usd + usage.output_tokens * settings.ai_output_price_usd
    return -int(-cost * share // 1)


def reserve(
    connection: Connection, company_id: int, most: Usage, settings: Settings, *, share: float = 1.0
) -> Reservation:
    """Put the most that a call can cost aside, in both budgets or in none. company_id 0: no company's.

    Raises Permanent (429) once the day's budget does not suffice; the caller's transaction must then end.
    """
    cost = price(most, settings, share)
    day = _take(connection, ALL, cost, settings.ai_daily_budget_total_usd, settings.platform_timezone)
    if company_id == ALL:
        return Reservation(day, (ALL,), cost, share)
    _take(connection, company_id, cost, settings.ai_daily_budget_usd, settings.platform_timezone)
    return Reservation(day, (ALL, company_id), cost, share)


def left(connection: Connection, company_id: int, settings: Settings) -> int:
    """What may still be spent today for a company, in millionths of a US dollar; somebody else may spend it first."""
    budgets = {ALL: settings.ai_daily_budget_total_usd}
    if company_id != ALL:
        budgets[company_id] = settings.ai_daily_budget_usd
    rows = query(connection, SPENT, {"zone": settings.platform_timezone, "companies": list(budgets)})
    spent: dict[int, int] = {row["company_id"]: row["micro_usd"] for row in rows}
    return max(0, min(int(budget * MICRO) - spent.get(company, 0) for company, budget in budgets.items()))


def _take(connection: Connection, company: int, cost: int, budget: float, zone: str) -> date:
    values = {"zone": zone, "company": company, "cost": cost, "budget": int(budget * MICRO)}
    rows = query(connection, RESERVE, values)
    if not rows:
        raise _used_up(company)
    day: date = rows[0]["day"]
    return day


def correct(connection: Connection, reservation: Reservation, usage: Usage, settings: Settings) -> None:
    """Put what the call did cost in the place of what it could have cost."""
    difference = price(usage, settings, reservation.share) - reservation.micro_usd
    for company in reservation.companies:
        execute(
            connection,
            CORRECT,
            {
                "difference": difference,
                "input": usage.input_tokens,
                "output": usage.output_tokens,
                "day": reservation.day,
                "company": company,
            },
        )


def _used_up(company: int) -> Permanent:
    whose, setting = (
        ("The platform's", "AI_DAILY_BUDGET_TOTAL_USD") if company == ALL else ("Your company's", "AI_DAILY_BUDGET_USD")
    )
    return Permanent(
        f"{whose} budget for answers of Claude is used up for today. Try again tomorrow, do without, or have {setting} "
        "raised.",
        code=USED_UP,
        status=429,
    )
