"""Applications, and what a candidate tells about himself."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, String, Text, text

from models.base import DOCUMENT, INSTANT, NOW, OURS, Label, native, shared_table
from models.enums import SkillCategory

candidate_cvs = shared_table(
    "candidate_cvs",
    Column("id", Integer, primary_key=True),
    Column("candidate_id", Integer, ForeignKey("candidates.id"), nullable=False),
    Column("filename", String, nullable=False),
    Column("file_path", String, nullable=False),
    Column("file_size", Integer),
    Column("is_active", Boolean),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_candidate_cvs_id", "id"),
    Index("ix_candidate_cvs_candidate_id", "candidate_id", info=OURS),
)

job_applications = shared_table(
    "job_applications",
    Column("id", Integer, primary_key=True),
    Column("job_id", Integer, ForeignKey("jobs.id"), nullable=False),
    Column("candidate_id", Integer, ForeignKey("candidates.id"), nullable=False),
    Column("cv_id", Integer, ForeignKey("candidate_cvs.id")),
    Column("status", Label, nullable=False),
    Column("cover_letter", Text),
    Column("cover_letter_url", String),
    Column("cv_url", String),
    Column("notes", Text),
    Column("recruiter_notes", DOCUMENT),
    Column("rating", Integer),
    Column("tags", DOCUMENT),
    Column("scorecard", DOCUMENT),
    Column("ai_score", Double),
    Column("ai_score_details", DOCUMENT),
    Column("ai_analyzed_at", INSTANT),
    Column("applied_at", INSTANT, server_default=NOW),
    Column("viewed_at", INSTANT),
    Column("updated_at", INSTANT, server_default=NOW),
    Column("source_ref", String(100)),
    Index("ix_job_applications_id", "id"),
    Index("ix_job_applications_applied_at", "applied_at"),
    Index("ix_job_applications_source_ref", "source_ref"),
    Index("ix_job_applications_status", "status"),
    Index("ix_job_applications_candidate_id", "candidate_id", info=OURS),
    Index("ix_job_applications_best", "job_id", text("ai_score desc nulls last"), text("id desc"), info=OURS),
    Index("ix_job_applications_newest", "job_id", text("applied_at desc nulls last"), text("id desc"), info=OURS),
)

experiences = shared_table(
    "experiences",
    Column("id", Integer, primary_key=True),
    Column("candidate_id", Integer, ForeignKey("candidates.id"), nullable=False),
    Column("title", String, nullable=False),
    Column("company", String, nullable=False),
    Column("location", String),
    Column("start_date", String, nullable=False),
    Column("end_date", String),
    Column("is_current", Boolean),
    Column("description", Text),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_experiences_id", "id"),
    Index("ix_experiences_candidate_id", "candidate_id", info=OURS),
)

educations = shared_table(
    "educations",
    Column("id", Integer, primary_key=True),
    Column("candidate_id", Integer, ForeignKey("candidates.id"), nullable=False),
    Column("degree", String, nullable=False),
    Column("school", String, nullable=False),
    Column("location", String),
    Column("start_date", String, nullable=False),
    Column("end_date", String, nullable=False),
    Column("description", Text),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_educations_id", "id"),
    Index("ix_educations_candidate_id", "candidate_id", info=OURS),
)

skills = shared_table(
    "skills",
    Column("id", Integer, primary_key=True),
    Column("candidate_id", Integer, ForeignKey("candidates.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("category", native("skillcategory", SkillCategory), nullable=False),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_skills_id", "id"),
    Index("ix_skills_candidate_id", "candidate_id", info=OURS),
)
