"""A calendar that is slow keeps nobody who waits for others' workers."""

from datetime import timedelta

from tests.integration.services.interviews.agenda import Agenda
from worker.catalogue import interview_times


def test_a_question_to_a_slow_calendar_is_over_when_nobody_waits_any_longer(agenda: Agenda) -> None:
    """Its call would be allowed to last longer than this calendar takes."""
    row = agenda.row()
    about = {"application_id": row["application_id"], "people": [1], "minutes": 60, "zone": "Europe/Paris"}
    question = interview_times.CheckTime.model_validate({**about, "start": agenda.start + timedelta(days=1)})
    agenda.emulator.faults(slow_seconds=4.5, only=["freebusy.query"])
    run = agenda.platform.step(agenda.platform.enqueue(interview_times.CHECK_TIME, question))
    reason = "Ce calendrier n’a pas répondu."
    assert run["result"] == {"slots": [], "taken": [], "unknown": [[f"account:{agenda.credential}", reason]]}
