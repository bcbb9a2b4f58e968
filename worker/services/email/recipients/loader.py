"""The recipients of many messages, read in one go per company and sender."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient


class Addressee(NamedTuple):
    """Whom a company writes to, or (without one) the platform: the candidate of an application, else a user.

    sent_by: the user who writes.
    """

    company_id: int | None
    sent_by: int | None
    application_id: int | None
    user_id: int | None


def load(connection: Connection, wanted: Iterable[Addressee]) -> dict[Addressee, Recipient]:
    """Those who are gone, and those of another company, are left out."""
    groups: dict[tuple[bool, int | None, int | None], list[Addressee]] = defaultdict(list)
    for each in dict.fromkeys(wanted):
        groups[each.application_id is None, each.company_id, each.sent_by].append(each)
    return {each: found for members in groups.values() for each, found in _load(connection, members).items()}


def _load(connection: Connection, alike: list[Addressee]) -> dict[Addressee, Recipient]:
    """alike: all by application or all by user, of one company and sender."""
    company_id, sent_by, application_id, _ = alike[0]
    if application_id is not None:
        ids = {each: each.application_id for each in alike}
        applied = sorted(number for number in ids.values() if number is not None)
        found = directory.of_applications(connection, applied, company_id or 0, sent_by=sent_by)
    else:
        ids = {each: each.user_id for each in alike}
        users = sorted(number for number in ids.values() if number is not None)
        found = directory.of_users(connection, users, company_id, sent_by=sent_by)
    return {each: found[number] for each, number in ids.items() if number is not None and number in found}
