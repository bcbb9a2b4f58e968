"""What nobody finished: drafts of scorecards, which their authors alone could see."""

from datetime import timedelta

from worker.kit.retention import Retention, statement

RETENTION = (
    Retention(
        "own_scorecards",
        {"updated_at": timedelta(days=180)},
        statement(
            """
            delete from own_scorecards where id in (
                select id from own_scorecards
                 where submitted_at is null and updated_at < now() - %(updated_at)s order by updated_at limit %(limit)s)
            """
        ),
    ),
)
