"""What was sent to companies' receivers: the log shows a month. Figures of postings: a little more than a year."""

from datetime import timedelta

from worker.kit.retention import Retention, statement

FIGURES = timedelta(days=400)

RETENTION = (
    Retention(
        "webhook_deliveries",
        {"created_at": timedelta(days=30)},
        statement(
            """
            delete from webhook_deliveries where id in (
                select id from webhook_deliveries where created_at < now() - %(created_at)s order by id limit %(limit)s)
            """
        ),
    ),
    Retention(
        "posting_statistics",
        {"fetched_at": FIGURES},
        statement(
            """
            delete from posting_statistics where (posting_id, fetched_at) in (
                select posting_id, fetched_at from posting_statistics where fetched_at < now() - %(fetched_at)s
                 limit %(limit)s)
            """
        ),
    ),
    Retention(
        "posting_clicks",
        {"day": FIGURES},
        statement(
            """
            delete from posting_clicks where (job_id, mark, day) in (
                select job_id, mark, day from posting_clicks where day < current_date - %(day)s limit %(limit)s)
            """
        ),
    ),
)
