"""Pairs that a language model judges at night, batch by batch."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from models.base import DOCUMENT, INSTANT, NOW, metadata

judgement_batches = Table(
    "judgement_batches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("generation", Integer, nullable=False, server_default=text("0")),
    Column("pairs", DOCUMENT, nullable=False),
    Column("payload", LargeBinary),
    Column("day", Date),
    Column("micro_usd", BigInteger),
    Column("price_share", Double),
    Column("provider_id", Text, unique=True),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("sent_at", INSTANT),
    Column("finished_at", INSTANT),
    CheckConstraint("state in ('waiting', 'sent', 'collected', 'given_up')", name="judgement_batches_state_check"),
    Index("ix_judgement_batches_under_way", "id", postgresql_where=text("finished_at is null")),
)
"""`pairs`: candidate, offer, fingerprint of what was known of both, language of the reasons. `payload`: the questions,
compressed, from when they are fixed until they were handed over. `day`, `micro_usd`, `price_share`: the money put aside
for the batch in `ai_spending`. `provider_id`: Anthropic's name of it.
"""
