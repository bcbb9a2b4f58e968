"""What was sent to companies' receivers: the log shows a month."""

from datetime import timedelta

from worker.kit.retention import Retention, statement

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
)
