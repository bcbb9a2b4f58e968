"""How long it is kept what answers of a language model cost."""

from datetime import timedelta

from worker.kit.retention import Retention, statement

RETENTION = (
    Retention(
        "ai_spending",
        {"day": timedelta(days=400)},
        statement("""
        delete from ai_spending where (day, company_id) in (
            select day, company_id from ai_spending where day < now() - %(day)s limit %(limit)s)
        """),
    ),
)
