"""What each interviewer thinks of an applicant by himself, and who was reminded to say so."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from models.base import INSTANT, NOW, metadata

CRITERIA = ("technical_skills", "soft_skills", "experience", "culture_fit", "communication", "motivation")

own_scorecards = Table(
    "own_scorecards",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("application_id", Integer, ForeignKey("job_applications.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="SET NULL")),
    *(Column(name, SmallInteger) for name in CRITERIA),
    Column("overall", SmallInteger),
    Column("comment", Text),
    Column("submitted_at", INSTANT),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    *(
        CheckConstraint(f"{name} between 1 and 5", name=f"own_scorecards_{name}_check")
        for name in (*CRITERIA, "overall")
    ),
    UniqueConstraint("application_id", "user_id"),
    Index("ix_own_scorecards_user_id", "user_id"),
    Index("ix_own_scorecards_drafts", "updated_at", postgresql_where=text("submitted_at is null")),
)
"""Beside `job_applications.scorecard`, which the company fills in together. For the eyes of the company alone, and of
those for whoever has handed in his own. `overall`: as it was given. Without `submitted_at` it is a draft, which its
author alone sees.
"""

scorecard_reminders = Table(
    "scorecard_reminders",
    metadata,
    Column("interview_id", Integer, ForeignKey("interview_schedules.id", ondelete="CASCADE"), primary_key=True),
    Column("start", INSTANT, nullable=False),
    Column("user_ids", ARRAY(Integer), nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
)
"""`user_ids`: whom the interview that began at `start` was followed by a reminder for; after a move it is another
start.
"""
