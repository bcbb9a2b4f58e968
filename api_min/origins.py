"""Which sites may call from a browser."""

import re
from urllib.parse import urlsplit

from worker.kit.settings import Settings

ORIGINS = frozenset(
    {
        "http://localhost:3000",
        "https://intowork.co",
        "https://www.intowork.co",
        "https://intowork-dashboard.vercel.app",
    }
)


def allowed_origins(settings: Settings) -> re.Pattern[str]:
    """The main web app's addresses, wherever it is, and what ALLOWED_ORIGINS adds; `*` stays within a host's label."""
    configured = {each.strip().rstrip("/") for each in settings.allowed_origins.split(",")}
    frontend = urlsplit(settings.frontend_url)
    named = (ORIGINS | configured | {f"{frontend.scheme}://{frontend.netloc}"}) - {""}
    return re.compile("|".join(re.escape(each).replace(r"\*", "[a-z0-9-]*") for each in sorted(named)))
