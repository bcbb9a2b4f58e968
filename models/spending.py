"""What the platform spends at Anthropic."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, text

from models.base import metadata

ai_spending = Table(
    "ai_spending",
    metadata,
    Column("day", Date, primary_key=True, autoincrement=False),
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    Column("calls", Integer, nullable=False, server_default=text("0")),
    Column("input_tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("output_tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("micro_usd", BigInteger, nullable=False, server_default=text("0")),
)
"""Per day of PLATFORM_TIMEZONE and company; company 0 is the sum of all. A call whose cost is not known yet, or never
became known, counts in `micro_usd` with the most that it could cost, and not in the tokens.
"""
