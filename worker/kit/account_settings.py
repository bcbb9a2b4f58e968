"""Settings of the providers at which people connect accounts of their own."""

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from worker.kit.crypto import fernet_keys


class AccountSettings(BaseSettings):
    """Part of `worker.kit.settings.Settings`, which alone is read."""

    token_encryption_keys: SecretStr | None = Field(
        None,
        description="Encrypts the tokens of connected accounts: Fernet keys (`intowork keys generate`), separated by "
        "commas. The first one encrypts, all decrypt; `intowork keys rotate` moves every row to the first. Without it "
        "no account can be connected.",
    )
    encryption_key: SecretStr | None = Field(
        None,
        description="The main web app's secret for tokens, to read the rows that it wrote. Default: NEXTAUTH_SECRET.",
    )
    main_app_reads_tokens: bool = Field(
        default=False,
        description="Write tokens as the main web app reads them (LinkedIn's with its key, calendars' in clear), "
        "until its own routes are switched off.",
    )
    linkedin_client_id: str | None = Field(None, description="LinkedIn's app; without it nobody connects LinkedIn.")
    linkedin_client_secret: SecretStr | None = Field(None, description="The secret of LINKEDIN_CLIENT_ID.")
    linkedin_redirect_uri: str | None = Field(
        None, description="As registered at LinkedIn. Default: PLATFORM_URL/api/integrations/linkedin/callback."
    )
    linkedin_scopes: str = Field(
        "w_organization_social r_organization_social rw_organization_admin r_basicprofile",
        description="What LinkedIn is asked for. `openid profile w_member_social` with an app that may not post for "
        "organisations.",
    )
    linkedin_auth_url: str = Field(
        "https://www.linkedin.com/oauth/v2/authorization", description="Where people agree (an emulator on a laptop)."
    )
    linkedin_token_url: str = Field(
        "https://www.linkedin.com/oauth/v2/accessToken", description="Where LinkedIn gives tokens."
    )
    linkedin_api_url: str = Field("https://api.linkedin.com", description="LinkedIn's API.")
    linkedin_api_version: str = Field(
        "202609", pattern=r"^20[0-9]{2}(0[1-9]|1[0-2])$", description="The month of LinkedIn's API (YYYYMM)."
    )
    google_client_id: str | None = Field(None, description="Google's app; without it nobody connects Google Calendar.")
    google_client_secret: SecretStr | None = Field(None, description="The secret of GOOGLE_CLIENT_ID.")
    google_redirect_uri: str | None = Field(
        None, description="As registered at Google. Default: PLATFORM_URL/api/integrations/google-calendar/callback."
    )
    google_scopes: str = Field(
        "openid email https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/calendar.events",
        description="What Google is asked for.",
    )
    google_auth_url: str = Field(
        "https://accounts.google.com/o/oauth2/v2/auth", description="Where people agree (an emulator on a laptop)."
    )
    google_token_url: str = Field("https://oauth2.googleapis.com/token", description="Where Google gives tokens.")
    google_revoke_url: str = Field("https://oauth2.googleapis.com/revoke", description="Where Google takes them back.")
    google_calendar_endpoint: str = Field(
        "https://www.googleapis.com/calendar/v3/", description="Google's Calendar API, with its path."
    )
    microsoft_client_id: str | None = Field(
        None, description="Microsoft's app; without it nobody connects an Outlook calendar."
    )
    microsoft_client_secret: SecretStr | None = Field(None, description="The secret of MICROSOFT_CLIENT_ID.")
    microsoft_tenant_id: str = Field(
        "common",
        pattern=r"^[A-Za-z0-9.-]{1,253}$",
        validation_alias=AliasChoices("MICROSOFT_TENANT_ID", "MICROSOFT_TENANT", "microsoft_tenant_id"),
        description="Whose accounts are accepted: `common`, `organizations`, `consumers`, or one organisation's id.",
    )
    microsoft_redirect_uri: str | None = Field(
        None, description="As registered at Microsoft. Default: PLATFORM_URL/api/integrations/outlook/callback."
    )
    microsoft_scopes: str = Field(
        "User.Read Calendars.ReadWrite offline_access",
        description="What Microsoft is asked for; with `Calendars.Read.Shared` also when people of one organisation "
        "should meet (docs/going-live.md).",
    )
    microsoft_authority: str = Field(
        "https://login.microsoftonline.com", description="Where people agree and tokens come from."
    )
    graph_base_url: str = Field("https://graph.microsoft.com/v1.0", description="Microsoft's Graph API.")

    facebook_app_id: str | None = Field(None, description="Facebook's app; without it nobody connects a page.")
    facebook_app_secret: SecretStr | None = Field(None, description="The secret of FACEBOOK_APP_ID.")
    facebook_redirect_uri: str | None = Field(
        None, description="As registered at Facebook. Default: PLATFORM_URL/api/integrations/facebook/callback."
    )
    facebook_scopes: str = Field(
        "pages_show_list pages_manage_posts pages_read_engagement",
        description="What Facebook is asked for; with `business_management` also pages that belong to a business.",
    )
    facebook_auth_url: str = Field(
        "https://www.facebook.com/dialog/oauth", description="Where people agree (an emulator on a laptop)."
    )
    facebook_api_url: str = Field("https://graph.facebook.com", description="Facebook's Graph API, without a version.")
    facebook_api_version: str = Field(
        "v26.0", pattern=r"^v[1-9][0-9]?\.[0-9]$", description="The version of Facebook's Graph API."
    )
    facebook_app_is_live: bool = Field(
        default=False,
        description="Facebook's app is in live mode, and a stranger has seen a post of it. Until then posts may be "
        "seen by the app's administrators only, and their visibility counts as not proved.",
    )
    x_client_id: str | None = Field(None, description="X's app (OAuth 2.0); without it nobody connects X.")
    x_client_secret: SecretStr | None = Field(None, description="The secret of X_CLIENT_ID.")
    x_redirect_uri: str | None = Field(
        None, description="As registered at X. Default: PLATFORM_URL/api/integrations/twitter/callback."
    )
    x_scopes: str = Field(
        "tweet.read tweet.write users.read offline.access",
        description="What X is asked for; without `offline.access` a connection lasts two hours.",
    )
    x_auth_url: str = Field(
        "https://x.com/i/oauth2/authorize", description="Where people agree (an emulator on a laptop)."
    )
    x_api_url: str = Field("https://api.x.com", description="X's API, tokens among it.")
    x_monthly_posts: int = Field(
        100,
        ge=0,
        le=100_000,
        description="Posts on X of each company in a calendar month (0: none): X bills every one.",
    )

    @field_validator("token_encryption_keys")
    @classmethod
    def _fernet_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            fernet_keys(value.get_secret_value())
        return value
