"""Names of permissions, as they are asked for, granted and answered."""

from collections.abc import Iterable, Sequence

from sandbox.emulators.microsoft.identity_errors import Refused

URL = "https://graph.microsoft.com/"
OPENID = ("openid", "profile", "email", "offline_access")
# What `.default` stands for: the permissions that the application is registered with.
REGISTERED = ("User.Read", "Calendars.ReadWrite")
_FAMILIES = ("User.", "Calendars.", "OnlineMeetings.", "Mail.", "MailboxSettings.")
_NEED_AN_ADMINISTRATOR = ("Calendars.", "OnlineMeetings.")
_WORK_ONLY = ("OnlineMeetings.",)


def read(text: str) -> list[str]:
    """Short names, in the order asked; a permission that Graph does not have is refused."""
    short = [name.removeprefix(URL) for name in text.split()]
    names = [each for name in short for each in (REGISTERED if name == ".default" else (name,))]
    unknown = [name for name in names if name not in OPENID and not name.startswith(_FAMILIES)]
    if unknown:
        raise Refused(70011, f"The provided value for the input parameter 'scope' is not valid: {' '.join(unknown)}.")
    return list(dict.fromkeys(names))


def of_graph(names: Iterable[str]) -> set[str]:
    return {name for name in names if name not in OPENID}


def restricted(names: Iterable[str]) -> set[str]:
    """What people may not consent to themselves where their organisation keeps Microsoft's default."""
    return {name for name in names if name.startswith(_NEED_AN_ADMINISTRATOR)}


def for_personal(names: Iterable[str]) -> list[str]:
    """What a personal account cannot give is left out without a word."""
    return [name for name in names if not name.startswith(_WORK_ONLY) and not name.endswith(".Shared")]


def narrowed(asked: Sequence[str], granted: Sequence[str]) -> list[str]:
    """A refresh's scopes: those asked for, all of them when none is; more than was granted is refused."""
    wanted = of_graph(asked)
    if wanted - set(granted):
        raise Refused(65001)
    return [name for name in granted if name in wanted or name in OPENID] if wanted else list(granted)


def written(names: Iterable[str], *, urls: bool) -> str:
    """offline_access is never answered."""
    shown = [name for name in names if name != "offline_access"]
    return " ".join(f"{URL}{name}" if urls and name not in OPENID else name for name in shown)
