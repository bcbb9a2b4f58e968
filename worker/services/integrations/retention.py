"""Authorisations that were begun: nobody asks for them once they have ended."""

from datetime import timedelta

from worker.kit.retention import Retention, statement

RETENTION = (
    Retention(
        "oauth_states",
        {"expires_at": timedelta(days=7)},
        statement(
            """
            delete from oauth_states where id in (
                select id from oauth_states where expires_at < now() - %(expires_at)s
                 order by expires_at limit %(limit)s)
            """
        ),
    ),
)
