"""Three recruiters of one company, one of another, and two applications to an offer of the first."""

from typing import Any

from tests.factories import main_web_app
from tests.factories.api import Api, token
from worker.kit.database import raw

URL = "/api/applications"
RECRUITER, PAUL, WITHOUT_PROFILE, ADMIN, HOMELESS, FOREIGNER, COLLEAGUE, THIRD = 1, 2, 4, 5, 6, 8, 9, 10
APPLICATION, OTHER = 1, 2


def populate(api: Api) -> None:
    with api.database.transaction() as connection:
        app: Any = raw(connection)
        main_web_app.populate_people(app)
        for name in ("jean.obiang", "rose.mba", "luc.mve"):
            main_web_app.insert_user(app, f"{name}@example.org", "EMPLOYER")
        main_web_app.insert(app, "employers", user_id=FOREIGNER, company_id=2)
        for user_id in (COLLEAGUE, THIRD):
            main_web_app.insert(app, "employers", user_id=user_id, company_id=1)
        job = main_web_app.insert_job(app, "Développeur Python")
        for candidate in (1, 2):
            main_web_app.insert_application(app, job, candidate)


def as_user(api: Api, user_id: int) -> Api:
    return api.with_token(token(sub=str(user_id)))
