"""The emulator's own API for Google, below `/_emulator/google/…`.

GET, PUT faults: the switches (SWITCHES of provider.py); `only` names the operations that meet faults.
POST authorize {address, account?, scopes?, deny?}: what the person decides -> {location}. An unknown account is made.
PUT client {client_id?, client_secret?, redirect_uris?}: what is registered; what is not named accepts any.
GET accounts; PUT accounts/{email} {name?, kind?, time_zone?, conference_types?, calendars?, busy?, freebusy_error?,
    guests_answer?}; DELETE accounts/{email}.
GET grants: scopes and numbers of tokens, no token; POST grants/{account}/revoke: the person removes the access.
POST tokens/expire {account?, refresh?}: access tokens are too old from now on, refresh tokens too when wished.
GET counters: calls by operation; GET counters/statuses: answers by operation; GET counters/minutes: by account, the
    most calls to the Calendar API within a minute.
GET events?account=&live=: every event with its mails and history; GET events/{id}; POST events/{id}/behind: see Behind.
GET mails?to=&kind=&event=: invitation, update, cancellation (to guests) and response (to the organiser), in order.

Operations: token.code, token.refresh, token.other, revoke, userinfo, events.insert, events.get, events.patch,
events.update, events.delete, events.list, freebusy.query, calendars.get, calendarList.get, calendarList.list.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from sandbox.emulators.google.access import Access
from sandbox.emulators.google.accounts import Accounts
from sandbox.emulators.google.authorizing import Authorizing
from sandbox.emulators.google.behind import Behind
from sandbox.emulators.google.calendar_store import CalendarStore, Event
from sandbox.emulators.google.conferences import MODES
from sandbox.emulators.google.consent import ConsentScreens
from sandbox.emulators.google.event_rules import RESPONSES
from sandbox.emulators.google.grants import Grants
from sandbox.emulators.google.refusals import REASONS
from sandbox.emulators.google.tokens import ERRORS
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response

ROOT = "/_emulator/google"
_CHOICES: Mapping[str, Collection[str]] = {
    "conference": MODES,
    "deleted_writes": ("allowed", "gone"),
    "guests_answer": RESPONSES,
    "refuse": REASONS,
    "token_error": ERRORS,
}


class Steering:
    def __init__(
        self,
        switches: Switches,
        operations: Operations,
        accounts: Accounts,
        grants: Grants,
        store: CalendarStore,
        access: Access,
    ) -> None:
        self._switches = switches
        self._operations = operations
        self._accounts = accounts
        self._grants = grants
        self._store = store
        self.router = Router()
        self._add("GET", "/faults", lambda _: json_response(switches.all()))
        self._add("PUT", "/faults", self._set_faults)
        self._add("GET", "/counters", lambda _: json_response(operations.counts()))
        self._add("GET", "/counters/statuses", lambda _: json_response(operations.statuses()))
        self._add("GET", "/counters/minutes", lambda _: json_response(access.busiest_minutes()))
        self._add("GET", "/accounts", self._show_accounts)
        self._add("PUT", "/accounts/{email}", self._change_account)
        self._add("DELETE", "/accounts/{email}", self._remove_account)
        self._add("GET", "/grants", lambda _: json_response({"grants": grants.all()}))
        self._add("POST", "/grants/{account}/revoke", self._revoke)
        self._add("POST", "/tokens/expire", self._expire)
        self._add("GET", "/events", self._show_events)
        self._add("GET", "/events/{id}", self._show_event)
        self._add("GET", "/mails", self._show_mails)

    def add_consent(self, screens: ConsentScreens, authorizing: Authorizing) -> None:
        self._add("POST", "/authorize", lambda request: screens.shortcut(json_object(request.body)))
        self._add(
            "PUT", "/client", lambda request: json_response(asdict(authorizing.configure(json_object(request.body))))
        )

    def add_behind(self, behind: Behind) -> None:
        def change(request: Request) -> Response:
            event = self._event(request)
            behind.change(event, json_object(request.body))
            return json_response(self._told(event))

        self._add("POST", "/events/{id}/behind", change)

    def _add(self, method: str, path: str, handler: Any) -> None:
        self.router.add(method, ROOT + path, handler)

    def _set_faults(self, request: Request) -> Response:
        values = json_object(request.body)
        for name, choices in _CHOICES.items():
            if values.get(name) is not None and values[name] not in choices:
                raise BadRequest(f"{name} is one of {', '.join(sorted(choices))}, not {values[name]!r}")
        self._switches.set(values)
        return json_response(self._switches.all())

    def _show_accounts(self, _: Request) -> Response:
        return json_response({"accounts": [account.shown() for account in self._accounts.all()]})

    def _change_account(self, request: Request) -> Response:
        return json_response(self._accounts.change(request.parameters["email"], json_object(request.body)).shown())

    def _remove_account(self, request: Request) -> Response:
        self._accounts.remove(request.parameters["email"])
        return Response(204)

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self._grants.revoke_account(request.parameters["account"].lower())})

    def _expire(self, request: Request) -> Response:
        wishes = json_object(request.body)
        account = wishes.get("account")
        return json_response({"expired": self._grants.expire(account, refresh_too=bool(wishes.get("refresh")))})

    def _show_events(self, request: Request) -> Response:
        account, live = request.query.get("account"), request.query.get("live") == "true"
        with self._store.lock:
            found = [
                self._told(event)
                for event in self._store.events()
                if account in (None, event.account.email) and not (live and event.cancelled)
            ]
        return json_response({"total": len(found), "events": found})

    def _show_event(self, request: Request) -> Response:
        return json_response(self._told(self._event(request)))

    def _show_mails(self, request: Request) -> Response:
        to, kind, event = (request.query.get(name) for name in ("to", "kind", "event"))
        found = [
            mail.shown()
            for mail in self._store.mails()
            if to in (None, mail.to) and kind in (None, mail.kind) and event in (None, mail.event_id)
        ]
        return json_response({"total": len(found), "mails": found})

    def _event(self, request: Request) -> Event:
        event = self._store.anywhere(request.parameters["id"], request.query.get("calendar"))
        if event is None:
            raise BadRequest(f"no calendar holds the event {request.parameters['id']!r}")
        return event

    def _told(self, event: Event) -> dict[str, Any]:
        with self._store.lock:
            return {
                "calendar": event.calendar,
                "account": event.account.email,
                "live": not event.cancelled,
                "event": event.resource(event.calendar),
                "mails": [mail.shown() for mail in self._store.mails_of(event)],
                "history": list(event.history),
            }
