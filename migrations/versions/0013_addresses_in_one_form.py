"""Addresses that are compared are kept in their one form, as they are written from now on.

Of two spellings of one address what holds mail back stays. The release before goes on comparing lower case.

Revision ID: 0013
Revises: 0012
"""

from alembic import op
from sqlalchemy import text

from worker.kit.mailboxes import PLAIN, comparable

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ODD = "select address from {} where address !~ :plain"
MOVES = {
    "suppressions": """
        insert into suppressions as s (address, reason, source, created_at, lifted_at)
        select :form, reason, source, created_at, lifted_at from suppressions where address = :address
        on conflict (address) do update
           set reason = excluded.reason, source = excluded.source, created_at = excluded.created_at, lifted_at = null
         where s.lifted_at is not null and excluded.lifted_at is null
        """,
    "soft_bounces": """
        insert into soft_bounces as b (address, count, last_at)
        select :form, count, last_at from soft_bounces where address = :address
        on conflict (address) do update
           set count = b.count + excluded.count, last_at = greatest(b.last_at, excluded.last_at)
        """,
    "recipient_preferences": """
        insert into recipient_preferences as p (address, locale, all_alerts_stopped, created_at)
        select :form, locale, all_alerts_stopped, created_at from recipient_preferences where address = :address
        on conflict (address) do update
           set all_alerts_stopped = p.all_alerts_stopped or excluded.all_alerts_stopped, updated_at = now()
        """,
}


def upgrade() -> None:
    connection = op.get_bind()
    for table, move in MOVES.items():
        for address in connection.execute(text(ODD.format(table)), {"plain": PLAIN}).scalars().all():
            form = comparable(address)
            if form in ("", address):
                continue
            connection.execute(text(move), {"form": form, "address": address})
            if table == "recipient_preferences":
                connection.execute(
                    text("update recipient_preferences set address = null where address = :address and user_id > 0"),
                    {"address": address},
                )
            connection.execute(text(f"delete from {table} where address = :address"), {"address": address})


def downgrade() -> None:
    """The one form is a spelling like any other."""
