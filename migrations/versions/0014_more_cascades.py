"""Templates and connected accounts do not stop the main web app from deleting a recruiter or a company either.

Revision ID: 0014
Revises: 0013
"""

from itertools import chain

from migrations.foreign_keys import loosen, restore, validate
from migrations.steps import run

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("email_templates", "integration_credentials")


def upgrade() -> None:
    run(f"{revision} upgrade", chain(loosen(TABLES), validate(TABLES)))


def downgrade() -> None:
    run(f"{revision} downgrade", restore(TABLES))
