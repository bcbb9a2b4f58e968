"""What was read of a CV goes the night after nobody has this file any more: it was replaced, or the account deleted.
Batches of judgements go a month after they ended.
"""

from datetime import timedelta

from worker.kit.retention import Retention, statement

RETENTION = (
    Retention(
        "judgement_batches",
        {"finished_at": timedelta(days=30)},
        statement(
            """
            delete from judgement_batches where id in (
                select b.id from judgement_batches b where b.finished_at < now() - %(finished_at)s limit %(limit)s)
            """
        ),
    ),
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
