"""Our apps at the emulated providers of accounts: settings that need no console of anybody."""


def app_settings(emulators: str, token_key: str) -> dict[str, str]:
    """By variable. emulators: their address without a slash at its end. token_key: a Fernet key."""
    google, linkedin, microsoft = (f"{emulators}/{name}" for name in ("google", "linkedin", "microsoft"))
    facebook, x = (f"{emulators}/{name}" for name in ("facebook", "x"))
    return {
        "TOKEN_ENCRYPTION_KEYS": token_key,
        "GOOGLE_CLIENT_ID": "sandbox.apps.googleusercontent.com",
        "GOOGLE_CLIENT_SECRET": "google-sandbox",
        "GOOGLE_AUTH_URL": f"{google}/o/oauth2/v2/auth",
        "GOOGLE_TOKEN_URL": f"{google}/token",
        "GOOGLE_REVOKE_URL": f"{google}/revoke",
        "GOOGLE_CALENDAR_ENDPOINT": f"{google}/calendar/v3/",
        "LINKEDIN_CLIENT_ID": "sandbox",
        "LINKEDIN_CLIENT_SECRET": "linkedin-sandbox",
        "LINKEDIN_AUTH_URL": f"{linkedin}/oauth/v2/authorization",
        "LINKEDIN_TOKEN_URL": f"{linkedin}/oauth/v2/accessToken",
        "LINKEDIN_API_URL": linkedin,
        "MICROSOFT_CLIENT_ID": "5a4db0c5-0000-4000-8000-5a4db0c5a4db",
        "MICROSOFT_CLIENT_SECRET": "microsoft-sandbox",
        "MICROSOFT_AUTHORITY": microsoft,
        "GRAPH_BASE_URL": f"{microsoft}/graph/v1.0",
        "FACEBOOK_APP_ID": "1000000000000001",
        "FACEBOOK_APP_SECRET": "facebook-sandbox",
        "FACEBOOK_AUTH_URL": f"{facebook}/dialog/oauth",
        "FACEBOOK_API_URL": f"{facebook}/graph",
        "FACEBOOK_APP_IS_LIVE": "true",
        "X_CLIENT_ID": "x-sandbox",
        "X_CLIENT_SECRET": "x-sandbox-secret",
        "X_AUTH_URL": f"{x}/i/oauth2/authorize",
        "X_API_URL": x,
        "WEBHOOK_LOCAL_RECEIVERS": "true",
        "MYJOBMAG_API_URL": f"{emulators}/myjobmag",
    }
