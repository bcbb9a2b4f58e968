"""calendars.get, calendarList.get and calendarList.list."""

from typing import Any

from sandbox.emulators.google.accounts import Account
from sandbox.emulators.web import Request, Response, json_response

_ETAG = '"1700000000000000"'


def get_calendar(account: Account, calendar: str, _: Request) -> Response:
    return json_response(_common(account, calendar, "calendar#calendar"))


def get_entry(account: Account, calendar: str, _: Request) -> Response:
    return json_response(_entry(account, calendar))


def list_entries(account: Account, _: Request) -> Response:
    entries = [_entry(account, calendar) for calendar in (account.email, *account.calendars)]
    return json_response({"kind": "calendar#calendarList", "etag": _ETAG, "nextSyncToken": "s1", "items": entries})


def _common(account: Account, calendar: str, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "etag": _ETAG,
        "id": calendar,
        "summary": account.calendars.get(calendar, calendar),
        "timeZone": account.time_zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": list(account.conference_types)},
    }


def _entry(account: Account, calendar: str) -> dict[str, Any]:
    entry = {
        **_common(account, calendar, "calendar#calendarListEntry"),
        "accessRole": "owner",
        "selected": True,
        "defaultReminders": [{"method": "popup", "minutes": 30}],
    }
    return entry | {"primary": True} if calendar == account.email else entry
