"""All emulated providers in one address space, with the journal, the controls and the inspector."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from sandbox.emulators.anthropic.provider import Anthropic
from sandbox.emulators.cvs.provider import Cvs
from sandbox.emulators.facebook.provider import Facebook
from sandbox.emulators.google.provider import Google
from sandbox.emulators.inspector import Inspector
from sandbox.emulators.journal import Journal
from sandbox.emulators.linkedin.provider import LinkedIn
from sandbox.emulators.microsoft.provider import Microsoft
from sandbox.emulators.myjobmag.provider import MyJobMag
from sandbox.emulators.pictures.provider import Pictures
from sandbox.emulators.receiver.provider import Receiver
from sandbox.emulators.resend.provider import Resend
from sandbox.emulators.spool import Spool
from sandbox.emulators.web import BadRequest, Provider, Request, Response, Router, json_response
from sandbox.emulators.x.provider import X

CONTROL = "/_emulator"


class Scene:
    """What happens between two resets.

    `/{provider}/…` is the provider, `/_emulator/…` steers and asks, everything else is for people.
    """

    def __init__(self, spool: Spool, reset: Callable[[], None]) -> None:
        self._reset = reset
        self._journal = Journal()
        resend, anthropic = Resend(spool), Anthropic()
        google, microsoft = Google(), Microsoft()
        linkedin, facebook, x = LinkedIn(spool), Facebook(), X()
        networks, partners = (linkedin, facebook, x), (Receiver(), MyJobMag(), Pictures(), Cvs())
        self._providers: Sequence[Provider] = (resend, anthropic, google, *networks, microsoft, *partners)
        self._by_name = {provider.name: provider for provider in self._providers}
        agendas, feeds = (google.agenda, microsoft.agenda), (linkedin.feed, facebook.feed, x.feed)
        self._inspector = Inspector(self._journal, resend.store, agendas, feeds, anthropic.conversations)
        self._control = Router()
        self._control.add("GET", f"{CONTROL}/health", self._health)
        self._control.add("GET", f"{CONTROL}/journal", self._show_journal)
        self._control.add("POST", f"{CONTROL}/reset", self._start_anew)

    def answer(self, request: Request) -> Response:
        first, _, rest = request.path[1:].partition("/")
        provider = self._by_name.get(first)
        if provider is not None:
            response = provider.answer(request)
            self._journal.add(first, request, response)
            return response
        try:
            if request.path.startswith(CONTROL + "/"):
                return self._steer(request, rest.partition("/")[0])
            return self._inspector.answer(request)
        except BadRequest as error:
            return json_response({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)

    def end(self) -> None:
        """Nothing more is sent to anybody; requests that are under way get their answers."""
        for provider in self._providers:
            provider.end()

    def _steer(self, request: Request, name: str) -> Response:
        provider = self._by_name.get(name)
        return provider.steer(request) if provider else self._control.answer(request)

    def _health(self, _: Request) -> Response:
        return json_response({"providers": list(self._by_name)})

    def _show_journal(self, request: Request) -> Response:
        entries = self._journal.newest(request.number("limit", 100), request.query.get("provider"))
        return json_response({"total": self._journal.count, "entries": entries})

    def _start_anew(self, _: Request) -> Response:
        self._reset()
        return Response(HTTPStatus.NO_CONTENT)


class Site:
    """A reset begins a new scene: a request that began in an earlier one is seen in that one only."""

    def __init__(self, folder: Path | None = None) -> None:
        self._spool = Spool(folder)
        self.scene = Scene(self._spool, self._reset)

    def answer(self, request: Request) -> Response:
        return self.scene.answer(request)

    def close(self) -> None:
        self.scene.end()
        self._spool.close()

    def _reset(self) -> None:
        before, self.scene = self.scene, Scene(self._spool, self._reset)
        before.end()
        self._spool.clear()
