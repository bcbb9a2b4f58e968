"""The HTTP door. It touches the database, and Redis for request limits, and nothing else."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI
from typing_extensions import override

from api_min import auth, conditional, documents, errors, limits, metrics, middleware, request_parsing
from api_min.announcing import Announcer
from api_min.badges import Badges
from api_min.context import EXTENSION, Context
from api_min.pages import (
    candidate_interview,
    connections,
    documentation,
    notification_mails,
    shell,
    signing_in,
    unsubscribe,
)
from api_min.pages import careers as career_pages
from api_min.pages import notifications as notification_pages
from api_min.routes import (
    ai_scoring,
    calendar_events,
    calendar_feeds,
    careers,
    collaboration,
    custom_channel,
    email_template_mails,
    email_templates,
    feeds,
    health,
    integrations,
    interview_times,
    interviews,
    job_alert_previews,
    job_alerts,
    linkedin_posts,
    notifications,
    own_scorecards,
    postings,
    queues,
    suppressions,
    tasks,
    timeline,
    webhooks,
)
from api_min.routes import signing_in as session_routes
from api_min.schemas.common import Problem
from api_min.waiting import Completions
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database, Row, connect
from worker.kit.logging import configure_logging
from worker.kit.settings import Settings, load_settings
from worker.kit.tasks import Catalogue
from worker.services.notifications import reading

NAME = "intowork-api"
# LISTEN and NOTIFY, one connection each.
LISTENERS = 2
ROUTES = (
    ai_scoring,
    custom_channel,
    tasks,
    queues,
    health,
    webhooks,
    suppressions,
    email_templates,
    email_template_mails,
    job_alerts,
    job_alert_previews,
    integrations,
    interviews,
    interview_times,
    calendar_events,
    calendar_feeds,
    careers,
    collaboration,
    feeds,
    linkedin_posts,
    notifications,
    own_scorecards,
    postings,
    timeline,
    session_routes,
)
PAGES = (
    documentation,
    unsubscribe,
    notification_mails,
    connections,
    candidate_interview,
    career_pages,
    signing_in,
    notification_pages,
)
INFO = Info(
    title="IntoWork background platform",
    version="1",
    description="Durable background work for the main web app: enqueue, look, wait, cancel, retry.",
)
BEARER: dict[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "description": "A service key (iwk_…), or the main web app's access token.",
}


class Application(OpenAPI):
    """No view is a coroutine, so Flask need not look at each function of each request."""

    @override
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None, catalogue: Catalogue = CATALOGUE) -> OpenAPI:
    """The application (WSGI). Without settings it reads the environment; connections open on first use."""
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    app = Application(
        __name__,
        info=INFO,
        security_schemes={"bearer": BEARER},
        validation_error_model=Problem,
        validation_error_callback=errors.on_validation_error,
        doc_ui=False,
        static_folder=None,
        template_folder="pages/templates",
    )
    app.openapi_version = "3.1.0"
    app.url_map.strict_slashes = False
    app.extensions[EXTENSION] = assemble(settings, catalogue)
    _install(app, settings)
    for module in ROUTES:
        app.register_api(module.api)
    documents.register(app)
    for page_module in PAGES:
        app.register_blueprint(page_module.pages)
    return app


def assemble(settings: Settings, catalogue: Catalogue) -> Context:
    def direct(name: str) -> psycopg.Connection[Row]:
        return connect(settings.direct_url.plain, name=name)

    database = Database(
        settings.database_url.plain,
        pool_size=settings.api_threads,
        name=NAME,
        statement_timeout=f"{settings.api_statement_seconds * 1000:.0f}ms",
        announced=settings.api_threads + LISTENERS,
    )
    # Waiting requests keep a thread each: a half may wait for runs, a quarter for bells, and the others are answered.
    return Context(
        settings=settings,
        database=database,
        catalogue=catalogue,
        completions=Completions(lambda: direct(f"{NAME}-waiting"), capacity=settings.api_threads // 2),
        announcer=Announcer(lambda: direct(f"{NAME}-announcing")),
        badges=Badges(partial(reading.count_unread_of, database), capacity=settings.api_threads // 4),
    )


def _install(app: OpenAPI, settings: Settings) -> None:
    """Order matters: each before_request hook runs after those installed before it."""
    errors.register(app, shell.error_page)
    app.before_request(request_parsing.limit_head)
    middleware.register(app, settings)
    auth.register(app)
    limits.register(app, settings)
    request_parsing.register(app)
    app.before_request(auth.check_form_token)
    shell.register(app, settings)
    conditional.register(app)
    metrics.register(app)
