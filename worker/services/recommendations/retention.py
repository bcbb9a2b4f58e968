"""What was read of a CV goes the night after nobody has this file any more: it was replaced, or the account deleted."""

from datetime import timedelta

from worker.kit.retention import Retention, statement

RETENTION = (
    Retention(
        "cv_texts",
        {"used_at": timedelta(days=1)},
        statement(
            """
            delete from cv_texts where digest in (
                select t.digest from cv_texts t
                 where t.used_at < now() - %(used_at)s
                   and not exists (select from cv_files f where f.digest = t.digest)
                 limit %(limit)s)
               and used_at < now() - %(used_at)s
            """
        ),
    ),
)
