"""What was read of candidates' CVs."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from models.base import INSTANT, NOW, metadata

cv_texts = Table(
    "cv_texts",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("extractor", SmallInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("text", Text),
    Column("hidden_characters", Integer, nullable=False, server_default=text("0")),
    Column("used_at", INSTANT, nullable=False, server_default=NOW),
)
"""What was read of a file, by the SHA-256 of its bytes. `extractor`: the version of what read it. `outcome`: a value of
CvOutcome. `used_at`: when a candidate last turned out to have this file.
"""

cv_files = Table(
    "cv_files",
    metadata,
    Column(
        "candidate_id",
        Integer,
        ForeignKey("candidates.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("place", Text, nullable=False),
    Column("version", Text),
    Column("digest", LargeBinary),
    Column("outcome", Text),
    Column("checked_at", INSTANT, nullable=False, server_default=NOW),
    Index("ix_cv_files_digest", "digest"),
)
"""The file that was found at the place a candidate named last. `version`: what its server calls this version of it.
`outcome`: a value of CvOutcome where no file was to be had.
"""
