"""How well candidates and offers fit: scores by pair, what each candidate was compared with, what changed since."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Identity, Index, Integer, Table, Text, text

from models.base import DOCUMENT, INSTANT, NOW, metadata

recommendations = Table(
    "recommendations",
    metadata,
    Column("candidate_id", Integer, ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True),
    Column("job_id", Integer, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("score", Double, nullable=False),
    Column("points", DOCUMENT, nullable=False),
    Column("matched", DOCUMENT, nullable=False),
    Column("missing", DOCUMENT, nullable=False),
    Column("unknown", DOCUMENT, nullable=False),
    Column("caveat", Text),
    Column("cv", DOCUMENT),
    Column("explanations", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("model", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("recommended", Boolean, nullable=False, server_default=text("false")),
    Column("asked_until", INSTANT),
    Column("computed_at", INSTANT, nullable=False, server_default=NOW),
    Index("ix_recommendations_job_id", "job_id"),
)
"""One pair has one score, whoever looks at it. `points` (by part of the score), `matched`, `missing` and `unknown` are
in no language; `explanations` holds a language model's words by locale. `model`: who scored. `fingerprint`: of the
profile and the offer that were compared. `recommended`: among the candidate's best; of the others an application asked
for the score. `cv`: what became of the candidate's CV. `asked_until`: until then somebody is asking a language model.
"""

recommendation_sets = Table(
    "recommendation_sets",
    metadata,
    Column(
        "candidate_id",
        Integer,
        ForeignKey("candidates.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("offers", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("computed_at", INSTANT, nullable=False, server_default=NOW),
)
"""When a candidate's best offers were looked for last: among how many, and with which profile."""

recommendation_changes = Table(
    "recommendation_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("candidate_id", Integer),
    Column("job_id", Integer),
    Column("changed_at", INSTANT, nullable=False, server_default=NOW),
)
"""Candidates and offers whose scores have to be computed again. No keys: they may be gone by then."""

interview_preparations = Table(
    "interview_preparations",
    metadata,
    Column("candidate_id", Integer, ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True),
    Column("job_id", Integer, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("content", DOCUMENT, nullable=False),
    Column("model", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Index("ix_interview_preparations_job_id", "job_id"),
)
"""Questions and advice that a language model wrote for a candidate's interview about an offer."""
