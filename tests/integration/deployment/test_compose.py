"""docker-compose.yml at rest: what is published, who may do what, what comes back after an end."""

from typing import Any

import pytest

from tests.integration.deployment.files import MissingVariable, services
from worker.kit.settings import Settings, variables

FILLED = {"POSTGRES_PASSWORD": "secret", "FLOWER_BASIC_AUTH": "operator:secret"}
SECRETS = {
    "RESEND_API_KEY": {"worker"},
    "RESEND_WEBHOOK_SECRET": {"api"},
    "NEXTAUTH_SECRET": {"api"},
    "SIGNING_SECRET": {"api", "worker"},
    "ANTHROPIC_API_KEY": {"api", "worker"},
    "TOKEN_ENCRYPTION_KEYS": {"api", "worker"},
    "ENCRYPTION_KEY": {"api", "worker"},
    "LINKEDIN_CLIENT_SECRET": {"api", "worker"},
    "GOOGLE_CLIENT_SECRET": {"api", "worker"},
    "MICROSOFT_CLIENT_SECRET": {"api", "worker"},
    "FACEBOOK_APP_SECRET": {"api", "worker"},
    "X_CLIENT_SECRET": {"api", "worker"},
}
OURS = ("migrate", "api", "worker", "dispatcher", "beat", "flower")
SERVERS = ("postgres", "redis", "proxy")


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, Any]]:
    return services(FILLED)


def test_the_services_are_those_of_the_platform(compose: dict[str, dict[str, Any]]) -> None:
    assert set(compose) == {*OURS, *SERVERS}
    assert {name for name, each in compose.items() if each.get("deploy") == {"replicas": 2}} == {"worker", "dispatcher"}


@pytest.mark.parametrize("name", FILLED)
def test_no_password_has_a_default(name: str) -> None:
    with pytest.raises(MissingVariable, match=name):
        services({key: value for key, value in FILLED.items() if key != name})


def test_only_the_proxy_is_published_and_flower_on_this_machine(compose: dict[str, dict[str, Any]]) -> None:
    ports = {name: each["ports"] for name, each in compose.items() if "ports" in each}
    assert ports == {"proxy": ["5080:8080"], "flower": ["127.0.0.1:5555:5555"]}
    assert {name for name, each in compose.items() if "outside" in each["networks"]} == {*OURS, "proxy"}
    assert "inside" not in compose["proxy"]["networks"]


def test_the_published_port_is_the_platforms_address(compose: dict[str, dict[str, Any]]) -> None:
    assert Settings.model_fields["platform_url"].default.endswith(compose["proxy"]["ports"][0].partition(":")[0])


@pytest.mark.parametrize("name", OURS)
def test_our_processes_can_do_little(compose: dict[str, dict[str, Any]], name: str) -> None:
    service = compose[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert service["stop_signal"] == "SIGTERM"
    assert "env_file" not in service
    assert "privileged" not in service
    assert "volumes" not in service


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_everything_is_watched_and_comes_back(compose: dict[str, dict[str, Any]], name: str) -> None:
    service = compose[name]
    assert service["restart"] == ("no" if name == "migrate" else "always")
    assert ("healthcheck" in service) == (name != "migrate")
    assert int(service["stop_grace_period"].removesuffix("s")) >= 20
    assert service["logging"]["options"]["max-file"] == "5"


@pytest.mark.parametrize("name", OURS[1:])
def test_nothing_starts_before_the_migrations(compose: dict[str, dict[str, Any]], name: str) -> None:
    assert compose[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_what_is_kept_has_a_volume(compose: dict[str, dict[str, Any]]) -> None:
    # Postgres 18's image keeps its data in a folder named for its version below this one.
    assert compose["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert compose["redis"]["volumes"] == ["redis:/data"]


def test_an_own_database_and_broker_can_be_named() -> None:
    theirs = {"DATABASE_URL": "postgresql://elsewhere/app?sslmode=verify-full", "BROKER_URL": "redis://elsewhere/1"}
    assert (
        services(FILLED)["api"]["environment"].items()
        >= {
            "DATABASE_URL": "postgresql://intowork:secret@postgres:5432/intowork?sslmode=disable",
            "BROKER_URL": "redis://redis:6379/1",
        }.items()
    )
    assert services(FILLED | theirs)["api"]["environment"].items() >= theirs.items()


def test_every_setting_reaches_a_container_and_secrets_only_those_that_use_them(
    compose: dict[str, dict[str, Any]],
) -> None:
    given = {name: set(compose[name]["environment"]) for name in OURS}
    settings = {name for field, info in Settings.model_fields.items() for name in variables(field, info)}
    assert settings - set().union(*given.values()) == set()
    holders = {secret: {name for name in OURS if secret in given[name]} for secret in (*SECRETS, "FLOWER_BASIC_AUTH")}
    assert holders == {**SECRETS, "FLOWER_BASIC_AUTH": {"flower"}}
    for name in ("beat", "flower"):
        assert "secret" not in compose[name]["environment"]["DATABASE_URL"]


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_memory_and_processes_are_bounded(compose: dict[str, dict[str, Any]], name: str) -> None:
    limit = compose[name]["mem_limit"]
    assert 0 < compose[name]["pids_limit"] <= 300
    # Below this a worker of two children is killed.
    assert int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]] >= 256


def test_every_image_can_be_named_with_its_digest() -> None:
    pinned = {f"{name}_IMAGE": f"{name.lower()}@sha256:0" for name in ("PYTHON", "NGINX", "POSTGRES", "REDIS")}
    compose = services(FILLED | pinned)
    images = {compose[name]["image"] for name in SERVERS} | {compose["api"]["build"]["args"]["PYTHON_IMAGE"]}
    assert images == set(pinned.values())
