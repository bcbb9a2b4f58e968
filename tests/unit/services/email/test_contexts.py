"""What rows of messages keep is read, whichever release wrote it."""

import pytest

from worker.services.email.rendering.contexts import DigestContext, RawContext, TemplatedContext

ONE = {"alert_id": 7, "alert_name": "Compta", "frequency": "daily", "job_ids": [3, 1], "more": 2, "spare": [9]}
SECTION = {"alert_id": 7, "alert_name": "Compta", "job_ids": [3, 1], "more": 2, "spare": [9]}
OTHER = {"alert_id": 8, "alert_name": "Paie", "job_ids": [1, 4], "more": 0}


def test_a_digest_of_one_alert() -> None:
    found = DigestContext.read(ONE)
    assert found is not None
    assert found.model_dump(exclude_defaults=True) == ONE
    assert found.parts == [found]


def test_a_digest_of_several_alerts_has_each_offer_once() -> None:
    found = DigestContext.read({"sections": [SECTION, OTHER], "frequency": "weekly"})
    assert found is not None
    assert (found.alert_name, found.frequency, found.alert_id) == ("Compta · Paie", "weekly", None)
    assert (found.job_ids, found.more, found.spare) == ([3, 1, 4], 2, [9])
    assert [part.alert_name for part in found.parts] == ["Compta", "Paie"]


@pytest.mark.parametrize(
    "context", [None, {}, [], "x", {**ONE, "more": -1}, {"sections": [{}]}, {"sections": [SECTION], "frequency": 7}]
)
def test_what_nobody_wrote_is_no_digest(context: object) -> None:
    assert DigestContext.read(context) is None


def test_members_that_are_not_known_are_passed_over() -> None:
    assert TemplatedContext.model_validate({"application_id": 5, "later": True}) == TemplatedContext(application_id=5)
    raw = {"subject": "S", "text": "T", "later": 1}
    assert RawContext.model_validate(raw) == RawContext(subject="S", text="T")
