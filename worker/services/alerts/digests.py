"""Storing digests: the digest, its message, its notification and the alert's counters, together or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.columns import numbers, texts
from worker.kit.database import execute, query
from worker.services.alerts import eligibility, watermark
from worker.services.alerts.alert_run import AlertRun
from worker.services.alerts.eligibility import WAITING, Recipient
from worker.services.alerts.watermark import Served
from worker.services.email.delivery import messages
from worker.services.email.delivery.messages import NewMessage
from worker.services.notifications import writing
from worker.services.notifications.wording import new_jobs
from worker.services.notifications.writing import NewNotification

TEMPLATE = "job_alert"

RESERVE = """
select array_agg(nextval('alert_digests_id_seq')) as ids from generate_series(1, %s)
"""

INSERT = """
insert into alert_digests (id, alert_id, alert_run_id, period, job_ids, spare_ids, total, more_count, first_number,
                           last_number, message_id)
overriding system value
select d.id, d.alert_id, %(run)s, %(period)s, d.job_ids::integer[], nullif(d.spare_ids, '{}')::integer[], d.total,
       d.more, d.low, %(upper_bound)s, d.message_id
  from unnest(%(ids)s::bigint[], %(alerts)s::integer[], string_to_array(%(jobs)s, chr(31)),
              string_to_array(%(spare)s, chr(31)), %(totals)s::integer[], %(more)s::integer[], %(low)s::bigint[],
              %(messages)s::bigint[])
       as d(id, alert_id, job_ids, spare_ids, total, more, low, message_id)
"""


class Hit(NamedTuple):
    """An alert with what it found above its watermark. job_ids: the newest offers, newest first; title: the newest's;
    spare: the next ones, for offers that close before the mail is written.
    """

    alert_id: int
    watermark: int
    total: int
    job_ids: tuple[int, ...]
    title: str
    spare: tuple[int, ...] = ()

    @property
    def more(self) -> int:
        return self.total - len(self.job_ids)


@dataclass(frozen=True, slots=True)
class Stored:
    """digests: how many are new; skipped: the other alerts that this call dealt with, by reason."""

    digests: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


class _Sent(NamedTuple):
    digest_id: int
    hit: Hit
    recipient: Recipient


def store(connection: Connection, alert_run: AlertRun, hits: Sequence[Hit], *, merged: bool = False) -> Stored:
    """Store a digest per hit (by ascending alert id) and move the watermarks; where others have moved it there is none.

    merged: the digests' messages are written later, one per candidate (`merging`).
    """
    if not hits:
        return Stored()
    recipients = eligibility.recipients(connection, [hit.alert_id for hit in hits], alert_run.period)
    skips = {hit.alert_id: recipients[hit.alert_id].skip for hit in hits if hit.alert_id in recipients}
    wanted = [hit for hit in hits if skips.get(hit.alert_id, "gone") is None]
    served = watermark.serve(connection, alert_run, [_served(hit) for hit in wanted])
    fresh = [hit for hit in wanted if hit.alert_id in served]
    ids = query(connection, RESERVE, (len(fresh),))[0]["ids"] or []
    sent = [_Sent(number, hit, recipients[hit.alert_id]) for number, hit in zip(ids, fresh, strict=True)]
    _write(connection, alert_run, sent, [] if merged else _write_messages(connection, alert_run, sent))
    _notify(connection, sent)
    return Stored(len(sent), _pass_over(connection, alert_run, hits, skips))


def _served(hit: Hit) -> Served:
    return Served(hit.alert_id, hit.watermark, len(hit.job_ids), hit.job_ids[0])


def _pass_over(
    connection: Connection, alert_run: AlertRun, hits: Sequence[Hit], skips: Mapping[int, str | None]
) -> Counter[str]:
    """Count those that get nothing, by reason; their offers are dealt with, unless the reason passes."""
    passed = {hit.alert_id: (hit.watermark, reason) for hit in hits if (reason := skips.get(hit.alert_id))}
    waiting = [reason for _, reason in passed.values() if reason in WAITING]
    gone = {alert_id: read for alert_id, (read, reason) in passed.items() if reason not in WAITING}
    moved = watermark.move(connection, alert_run, list(gone), list(gone.values()))
    return Counter(waiting) + Counter(passed[alert_id][1] for alert_id in moved)


def _write_messages(connection: Connection, alert_run: AlertRun, sent: Sequence[_Sent]) -> list[int]:
    return messages.write_in_batches(
        connection,
        [
            message(
                f"alert_digest:{digest_id}", recipient, alert_run.frequency, hit.job_ids, hit.more, **_spare(hit.spare)
            )
            for digest_id, hit, recipient in sent
        ],
    )


def _spare(job_ids: Sequence[int]) -> dict[str, Any]:
    """Most digests have none, and there are millions of them."""
    return {"spare": job_ids} if job_ids else {}


def message(
    source: str, recipient: Recipient, frequency: str, job_ids: Sequence[int], more: int, **members: Any
) -> NewMessage:
    """A mail of one alert to its recipient. job_ids: the offers shown; more: how many others there are.

    members: further members of the context (`email.rendering.contexts.DigestContext`).
    """
    return NewMessage(
        source=source,
        template=TEMPLATE,
        recipient=recipient.email or "",
        locale=recipient.locale,
        user_id=recipient.user_id,
        context={
            "alert_id": recipient.alert_id,
            "alert_name": recipient.name,
            "frequency": frequency,
            "job_ids": job_ids,
            "more": more,
            **members,
        },
    )


def _write(connection: Connection, alert_run: AlertRun, sent: Sequence[_Sent], message_ids: Sequence[int]) -> None:
    if not sent:
        return
    execute(
        connection,
        INSERT,
        {
            "run": alert_run.id,
            "period": alert_run.period,
            "upper_bound": alert_run.upper_bound,
            "ids": numbers([each.digest_id for each in sent]),
            "alerts": numbers([each.hit.alert_id for each in sent]),
            "jobs": texts([numbers(each.hit.job_ids) for each in sent]),
            "spare": texts([numbers(each.hit.spare) for each in sent]),
            "totals": numbers([each.hit.total for each in sent]),
            "more": numbers([each.hit.more for each in sent]),
            "low": numbers([each.hit.watermark + 1 for each in sent]),
            "messages": numbers(message_ids),
        },
    )


def _notify(connection: Connection, sent: Sequence[_Sent]) -> None:
    """One notification per digest."""
    new = [
        NewNotification(
            each.recipient.user_id,
            *new_jobs(each.recipient.locale, each.recipient.name, each.hit.total, each.hit.title),
            each.hit.job_ids[0],
        )
        for each in sent
        if each.recipient.user_id is not None
    ]
    writing.write(connection, NotificationKind.MATCHING_JOBS, new)
