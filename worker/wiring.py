"""The only file that names providers' classes: by dotted path, loaded on first use, because some import slowly."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from pydantic import SecretStr

from worker.contracts.accounts import AccountProvider
from worker.contracts.calendars import CalendarProvider
from worker.contracts.channels import Network
from worker.contracts.cv_files import CvFiles
from worker.contracts.drafting import WriterAccount
from worker.contracts.email import EmailProvider
from worker.contracts.judging_batches import BatchJudge
from worker.contracts.partners import JobBoard, WebhookSender
from worker.contracts.pictures import PictureSource
from worker.contracts.providers import AccountProviderName
from worker.contracts.scoring import Judge
from worker.kit.errors import Misconfigured
from worker.kit.settings import Settings

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Provider(Generic[Client]):
    """How a client is made. name: the provider's, of its gate. needs: settings without which it cannot be; `missing` is
    what people are told then, with the variable for `{variable}`. arguments: the class's keyword arguments with the
    settings that they come from. waits: whether its runs wait until the setting is there, or fail at once.
    """

    name: str
    path: str
    needs: tuple[str, ...]
    missing: str
    arguments: Mapping[str, str]
    waits: bool = True


MAIL: Provider[EmailProvider] = Provider(
    name="resend",
    path="worker.providers.resend.client.ResendClient",
    needs=("resend_api_key",),
    missing="No mail can be sent: {variable} is not set. Set it to a key from Resend's dashboard and restart the "
    "workers.",
    arguments={"api_key": "resend_api_key", "url": "resend_api_url"},
)
WRITING: Provider[WriterAccount] = Provider(
    name="anthropic",
    path="worker.providers.anthropic.client.AnthropicClient",
    needs=("anthropic_api_key",),
    missing="Nothing can be proposed: {variable} is not set. Set it to a key from Anthropic's console and restart the "
    "workers.",
    arguments={"api_key": "anthropic_api_key", "url": "anthropic_base_url", "model": "anthropic_model"},
    waits=False,
)
JUDGING: Provider[Judge] = Provider(
    name="anthropic",
    path="worker.providers.anthropic.judge.AnthropicJudge",
    needs=("anthropic_api_key",),
    missing="Claude judges nothing: {variable} is not set. Set it to a key from Anthropic's console and restart the "
    "workers.",
    arguments={"api_key": "anthropic_api_key", "url": "anthropic_base_url", "model": "anthropic_model"},
    waits=False,
)
JUDGING_BATCHES: Provider[BatchJudge] = Provider(
    name="anthropic",
    path="worker.providers.anthropic.batches.AnthropicBatches",
    needs=("anthropic_api_key",),
    missing="Claude judges no batch: {variable} is not set. Set it to a key from Anthropic's console and restart the "
    "workers.",
    arguments={"api_key": "anthropic_api_key", "url": "anthropic_base_url", "model": "anthropic_model"},
)

ACCOUNTS: Mapping[AccountProviderName, Provider[AccountProvider]] = {
    "google": Provider(
        name="google",
        path="worker.providers.google.oauth.GoogleAccounts",
        needs=("google_client_id", "google_client_secret"),
        missing="No Google account can be used: {variable} is not set. Set it to the client's of Google's console and "
        "restart the workers.",
        arguments={
            "client_id": "google_client_id",
            "client_secret": "google_client_secret",
            "token_url": "google_token_url",
            "revoke_url": "google_revoke_url",
        },
    ),
    "linkedin": Provider(
        name="linkedin",
        path="worker.providers.linkedin.oauth.LinkedInAccounts",
        needs=("linkedin_client_id", "linkedin_client_secret"),
        missing="No LinkedIn account can be used: {variable} is not set. Set it to the app's in LinkedIn's developer "
        "portal and restart the workers.",
        arguments={
            "client_id": "linkedin_client_id",
            "client_secret": "linkedin_client_secret",
            "token_url": "linkedin_token_url",
            "api_url": "linkedin_api_url",
        },
    ),
    "microsoft": Provider(
        name="microsoft",
        path="worker.providers.microsoft.oauth.MicrosoftAccounts",
        needs=("microsoft_client_id", "microsoft_client_secret"),
        missing="No Microsoft account can be used: {variable} is not set. Set it as in the app's registration at "
        "Microsoft and restart the workers.",
        arguments={
            "client_id": "microsoft_client_id",
            "client_secret": "microsoft_client_secret",
            "tenant": "microsoft_tenant_id",
            "authority": "microsoft_authority",
            "graph_url": "graph_base_url",
            "scopes": "microsoft_scopes",
        },
    ),
    "facebook": Provider(
        name="facebook",
        path="worker.providers.facebook.oauth.FacebookAccounts",
        needs=("facebook_app_id", "facebook_app_secret"),
        missing="No Facebook account can be used: {variable} is not set. Set it as in the app's dashboard at Facebook "
        "and restart the workers.",
        arguments={
            "app_id": "facebook_app_id",
            "app_secret": "facebook_app_secret",
            "api_url": "facebook_api_url",
            "version": "facebook_api_version",
        },
    ),
    "x": Provider(
        name="x",
        path="worker.providers.x.oauth.XAccounts",
        needs=("x_client_id", "x_client_secret"),
        missing="No X account can be used: {variable} is not set. Set it as in X's developer console and restart the "
        "workers.",
        arguments={"client_id": "x_client_id", "client_secret": "x_client_secret", "api_url": "x_api_url"},
    ),
}
CALENDARS: Mapping[AccountProviderName, Provider[CalendarProvider]] = {
    "google": Provider(
        name="google",
        path="worker.providers.google.client.GoogleCalendar",
        needs=("google_client_id", "google_client_secret"),
        missing="No Google calendar can be used: {variable} is not set. Set it to the client's of Google's console and "
        "restart the workers.",
        arguments={"endpoint": "google_calendar_endpoint"},
    ),
    "microsoft": Provider(
        name="microsoft",
        path="worker.providers.microsoft.client.OutlookCalendar",
        needs=("microsoft_client_id", "microsoft_client_secret"),
        missing="No Outlook calendar can be used: {variable} is not set. Set it as in the app's registration at "
        "Microsoft and restart the workers.",
        arguments={"url": "graph_base_url"},
    ),
}
NETWORKS: Mapping[AccountProviderName, Provider[Network]] = {
    "linkedin": Provider(
        name="linkedin",
        path="worker.providers.linkedin.client.LinkedInPosts",
        needs=("linkedin_client_id", "linkedin_client_secret"),
        missing="Nothing can be published on LinkedIn: {variable} is not set. Set it to the app's in LinkedIn's "
        "developer portal and restart the workers.",
        arguments={"url": "linkedin_api_url", "version": "linkedin_api_version"},
        waits=False,
    ),
    "facebook": Provider(
        name="facebook",
        path="worker.providers.facebook.client.FacebookPages",
        needs=("facebook_app_id", "facebook_app_secret"),
        missing="Nothing can be published on Facebook: {variable} is not set. Set it as in the app's dashboard at "
        "Facebook and restart the workers.",
        arguments={
            "url": "facebook_api_url",
            "version": "facebook_api_version",
            "app_secret": "facebook_app_secret",
            "app_is_live": "facebook_app_is_live",
        },
        waits=False,
    ),
    "x": Provider(
        name="x",
        path="worker.providers.x.client.XPosts",
        needs=("x_client_id", "x_client_secret"),
        missing="Nothing can be published on X: {variable} is not set. Set it as in X's developer console and restart "
        "the workers.",
        arguments={"url": "x_api_url"},
        waits=False,
    ),
}
PICTURES: Provider[PictureSource] = Provider(
    name="pictures",
    path="worker.providers.pictures.client.Pictures",
    needs=(),
    missing="",
    arguments={"ports": "webhook_ports", "local": "webhook_local_receivers"},
)
CV_FILES: Provider[CvFiles] = Provider(
    name="cv_files",
    path="worker.providers.cv_files.client.StoredCvs",
    needs=(),
    missing="",
    arguments={
        "uploads": "uploads_path",
        "hosts": "cv_hosts",
        "ports": "webhook_ports",
        "local": "webhook_local_receivers",
    },
)
WEBHOOKS: Provider[WebhookSender] = Provider(
    name="custom",
    path="worker.providers.webhooks.client.WebhookClient",
    needs=(),
    missing="",
    arguments={"ports": "webhook_ports", "local": "webhook_local_receivers"},
)
BOARD: Provider[JobBoard] = Provider(
    name="myjobmag",
    path="worker.providers.myjobmag.client.MyJobMag",
    needs=(),
    missing="",
    arguments={"url": "myjobmag_api_url"},
)


class Wiring:
    """Makes provider clients on first use, one of each per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[str, Any] = {}

    @property
    def settings(self) -> Settings:
        return self._settings

    def close(self) -> None:
        """Ends the connections of every client that was made."""
        for client in self._clients.values():
            client.close()

    def email(self) -> EmailProvider:
        return self._client(MAIL)

    def writer(self) -> WriterAccount:
        return self._client(WRITING)

    def judge(self) -> Judge | None:
        """None without a key: whoever asks does without."""
        return self._client(JUDGING) if self._value("anthropic_api_key") else None

    def batch_judge(self) -> BatchJudge:
        return self._client(JUDGING_BATCHES)

    def accounts(self, name: AccountProviderName) -> AccountProvider:
        return self._client(ACCOUNTS[name])

    def calendar(self, name: AccountProviderName) -> CalendarProvider:
        """Of a provider of `worker.contracts.providers.CALENDARS`."""
        return self._client(CALENDARS[name])

    def network(self, name: AccountProviderName) -> Network:
        return self._client(NETWORKS[name])

    def pictures(self) -> PictureSource:
        return self._client(PICTURES)

    def cv_files(self) -> CvFiles:
        return self._client(CV_FILES)

    def webhooks(self) -> WebhookSender:
        return self._client(WEBHOOKS)

    def board(self) -> JobBoard:
        return self._client(BOARD)

    def _client(self, provider: Provider[Client]) -> Client:
        """Raises Misconfigured when a setting that the provider needs is missing."""
        if provider.path not in self._clients:
            self._clients[provider.path] = self._make(provider)
        client: Client = self._clients[provider.path]
        return client

    def _make(self, provider: Provider[Client]) -> Client:
        for setting in provider.needs:
            if not self._value(setting):
                sentence = provider.missing.format(variable=setting.upper())
                raise Misconfigured(sentence, provider=provider.name, waits=provider.waits)
        module, _, name = provider.path.rpartition(".")
        made: Client = getattr(import_module(module), name)(
            **{argument: self._value(setting) for argument, setting in provider.arguments.items()}
        )
        return made

    def _value(self, setting: str) -> Any:
        value = getattr(self._settings, setting)
        return value.get_secret_value().strip() if isinstance(value, SecretStr) else value
