"""Batches whose answer was lost, and what becomes of them."""

from typing import Any
from uuid import UUID

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.kit.database import Row


def batch_row(platform: Platform) -> Row:
    return platform.row("select * from email_batches")


def lose_the_answer(platform: Platform, emulator: ResendEmulator, *, count: int = 3, **options: Any) -> UUID:
    """A batch that the provider took without our learning of it; its run is not due until the test steps it."""
    emulator.faults(drop_after_recording=1, times=1)
    run_id = platform.batch(count, **options)
    run = platform.step(run_id)
    assert (run["state"], platform.effects()[0]["state"], set(platform.states())) == ("queued", "intended", {"sending"})
    platform.change("update task_runs set run_at = now() + interval '1 hour' where id = %s", run_id)
    return run_id


def give_up(platform: Platform, run_id: UUID) -> None:
    """A day goes by without an answer: the key is of no use any more."""
    platform.change("update effects set first_intended_at = now() - interval '24 hours'")
    run = platform.step(run_id)
    assert (run["state"], run["error"]["code"]) == ("uncertain", "effect.uncertain")
    marked = platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    assert marked["result"] == {"batches": 0, "unknown": len(platform.mails())}
    assert set(platform.states()) == {"unknown"}
    assert batch_row(platform)["state"] == "unknown"
