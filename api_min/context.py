"""What the routes of one application share, made once by the factory and reached through the current app."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from api_min.announcing import Announcer
from api_min.badges import Badges
from api_min.waiting import Completions
from worker.kit.database import Database
from worker.kit.settings import Settings
from worker.kit.tasks import Catalogue

EXTENSION = "intowork"


@dataclass(frozen=True, slots=True)
class Context:
    """One process's parts; connections and threads are opened on first use."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    completions: Completions
    announcer: Announcer
    badges: Badges

    def close(self) -> None:
        self.completions.close()
        self.badges.close()
        self.announcer.close()
        self.database.close()


def context() -> Context:
    """The parts of the application that serves this request."""
    return cast("Context", current_app.extensions[EXTENSION])
