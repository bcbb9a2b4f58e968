"""Delivering a batch: the effect's plan. What is fixed when a generation is fixed never changes afterwards."""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from worker.contracts.email import EmailProvider, OutgoingMail
from worker.kit.database import Row, execute, query
from worker.kit.errors import Permanent, Refused
from worker.kit.settings import Settings
from worker.ledger.outcomes import Done, Json, Recorded, Snooze
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.email.delivery import batch_rows
from worker.services.email.delivery.batches import effect_key
from worker.services.email.recipients import eligibility
from worker.services.email.recipients.eligibility import AskSubscriptions
from worker.services.email.rendering import mail_content, templated_mail
from worker.services.email.rendering.contexts import UNTIL_SENT
from worker.services.email.rendering.mail_content import Layout
from worker.services.email.rendering.rendered import Missing, Rendered
from worker.services.email.templating import template_store

# Resend keeps a key for 24 h; an hour of margin for clocks and retries.
KEY_WINDOW = 23 * 3600
# The bytes are kept for seconds. Among mails that are much alike level 3 is the quickest, and smaller than 1 and 2.
COMPRESSION = 3
# What a batch takes for its texts, several times over, and less than glibc's bound of 32 MiB.
KEPT_MEMORY = 24 * 1024 * 1024
# RFC 3834, and what Exchange reads in its place: nobody's absence is told to a machine, or to a recruiter 500 times.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
FINISHED = ("sent", "failed")


@dataclass(frozen=True, slots=True)
class BatchDelivery:
    """The plan of `email.deliver_batch` (worker.ledger.plans.ReplayPlan). layouts: those of other rooms' mails."""

    batch_id: int
    mail: EmailProvider
    settings: Settings
    subscriptions: AskSubscriptions
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    parent_id: UUID | None = None
    provider: str = "resend"
    policy: Literal["replay"] = "replay"
    window_seconds: int = KEY_WINDOW

    @property
    def limits(self) -> Sequence[Limit]:
        return (Limit(self.provider, self.settings.resend_rate),)

    def prepare(self) -> None:
        """A mail needs nothing before it is fixed."""

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        rows = query(
            connection,
            "select state, generation, created_at from email_batches where id = %s for update",
            (self.batch_id,),
        )
        if not rows:
            return Done({"state": "gone"})
        batch = rows[0]
        if batch["state"] in FINISHED:
            return Done({"state": batch["state"]})
        return EffectKey(effect_key(self.batch_id), batch["generation"], batch["created_at"])

    def freeze(self, connection: Connection, _prepared: None, /) -> Frozen | Recorded:
        """Suppression, subscriptions and rendering are decided here and fail closed: an error stops the whole batch."""
        _keep_freed_memory()
        eligibility.suppress_listed(connection, self.batch_id)
        mails = self._render(connection)
        if not mails:
            return self._finish(connection, "sent", query(connection, batch_rows.COUNTS, (self.batch_id,)))
        body = self.mail.freeze(mails)
        digest = hashlib.sha256(body).digest()
        execute(
            connection,
            "update email_batches set state = 'sending', payload = %s, payload_sha256 = %s where id = %s",
            (zlib.compress(body, COMPRESSION), digest, self.batch_id),
        )
        return Frozen(self._evidence(digest), body)

    def _evidence(self, digest: bytes) -> bytes:
        """What the effect keeps for 400 days: which bytes were promised, not the bytes with their addresses."""
        return json.dumps({"batch": self.batch_id, "sha256": digest.hex()}).encode()

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        [batch] = query(connection, "select payload from email_batches where id = %s", (self.batch_id,))
        body = zlib.decompress(batch["payload"]) if batch["payload"] else None
        if body is None or self._evidence(hashlib.sha256(body).digest()) != effect.evidence:
            raise Permanent(
                f"Batch {self.batch_id} no longer holds the bytes that were promised; nothing was sent.",
                code="email.payload_changed",
            )
        return body

    def call(self, effect: Effect, body: bytes, _prepared: None, deadline: float) -> Json:
        receipt = self.mail.send_batch(body, key=effect.provider_key, deadline=deadline)
        return {"ids": list(receipt.ids)}

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        """A mail whose webhook was faster keeps what that said, and its place among the ids."""
        rows = query(connection, batch_rows.SENT, {"batch": self.batch_id, "ids": _ids(effect.reference)})
        self._count_use(connection, rows)
        return self._finish(connection, "sent", rows)

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        """Between two tries may lie days: everything is asked again, and rendered."""
        batch_rows.begin_anew(connection, self.batch_id)

    def refused(self, connection: Connection, _effect: Effect, error: Refused, /) -> Recorded | None:
        """A batch is refused whole: the rows at fault leave it, the others go again under the next generation."""
        rows = query(
            connection,
            """
            select id, ordinal from email_messages
             where batch_id = %s and state in ('sending', 'unknown') order by ordinal for update
            """,
            (self.batch_id,),
        )
        positions = {place for place in error.details.get("positions", ()) if 0 <= place < len(rows)}
        if not positions and len(rows) > 1:
            batch_rows.split(connection, [row["id"] for row in rows[len(rows) // 2 :]], self.parent_id)
        else:
            batch_rows.fail(connection, [rows[place]["id"] for place in sorted(positions or {0})], str(error))
        batch_rows.begin_anew(connection, self.batch_id)
        return Snooze(0.0)

    def _render(self, connection: Connection) -> list[OutgoingMail]:
        rows = query(
            connection,
            """
            select * from email_messages where batch_id = %s and state in ('pending', 'sending') order by ordinal
               for update
            """,
            (self.batch_id,),
        )
        rows = eligibility.still_wanted(connection, rows, self.subscriptions)
        mails: dict[int, OutgoingMail] = {}
        rendered = mail_content.render_all(connection, rows, self.settings, self.layouts)
        for row in rows:
            outcome = rendered[row["id"]]
            if isinstance(outcome, Missing):
                batch_rows.fail(connection, [row["id"]], outcome.reason, unwanted=outcome.unwanted)
                continue
            try:
                mails[row["id"]] = self._outgoing(row, outcome)
            except ValueError as error:
                batch_rows.fail(connection, [row["id"]], f"The message cannot be put into a mail: {error}.")
        mails = self._one_request(connection, mails)
        execute(
            connection,
            """
            update email_messages m set state = 'sending', subject = s.subject, updated_at = now()
              from unnest(%s::bigint[], %s::text[]) as s(id, subject) where m.id = s.id
            """,
            (list(mails), [mail.subject for mail in mails.values()]),
        )
        return list(mails.values())

    def _one_request(self, connection: Connection, mails: dict[int, OutgoingMail]) -> dict[int, OutgoingMail]:
        """Mails with attachments go alone: each of them that is not is given a batch of its own."""
        attached = [number for number, mail in mails.items() if mail.attachments]
        apart = attached[1:] if len(attached) == len(mails) else attached
        for number in apart:
            batch_rows.split(connection, [number], self.parent_id)
        return {number: mail for number, mail in mails.items() if number not in apart}

    def _outgoing(self, row: Row, content: Rendered) -> OutgoingMail:
        return OutgoingMail(
            sender=self.settings.from_email,
            recipient=row["recipient"],
            subject=content.subject,
            html=content.html,
            text=content.text,
            reply_to=content.reply_to,
            headers={**AUTOMATIC, **content.headers},
            attachments=content.attachments,
            tags={"message": str(row["id"]), "batch": str(self.batch_id), "kind": row["template"]},
        )

    def _count_use(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Templates are counted by what was sent with them; a test mail does not count."""
        used: Counter[int] = Counter()
        for row in rows:
            if row["template_id"] is not None and row["counts"]:
                used[row["template_id"]] += row["count"]
        for template_id, count in sorted(used.items()):
            template_store.count_use(connection, template_id, count)

    def _finish(self, connection: Connection, state: str, rows: Sequence[Row]) -> Done:
        """rows: how many of the batch's messages there are, by state and template."""
        execute(
            connection,
            """
            update email_batches set state = %s, payload = null, finished_at = now(),
                   sent_at = case when payload is null then null else now() end
             where id = %s
            """,
            (state, self.batch_id),
        )
        if any(row["template"] == templated_mail.RAW for row in rows):
            execute(
                connection,
                "update email_messages set context = null where batch_id = %s and template = %s",
                (self.batch_id, templated_mail.RAW),
            )
        if any(row["template"] in self.layouts for row in rows):
            execute(
                connection,
                "update email_messages set context = context - %s where batch_id = %s and context ? %s",
                (UNTIL_SENT, self.batch_id, UNTIL_SENT),
            )
        counts: Counter[str] = Counter()
        for row in rows:
            counts[row["state"]] += row["count"]
        return Done({"batch_id": self.batch_id, "messages": dict(counts)})


@cache
def _keep_freed_memory() -> None:
    """Once per process: free a large block, after which glibc keeps up to twice as much instead of giving each batch's
    memory back to the system (mallopt(3), M_MMAP_THRESHOLD). To take it again page by page is a sixth of a mail's cost.
    """
    bytes(KEPT_MEMORY)


def _ids(reference: Json | None) -> list[str]:
    """The provider's ids; none when a person settled the batch without knowing them."""
    ids = (reference or {}).get("ids")
    return [str(each) for each in ids] if isinstance(ids, list) else []
