"""Values of a file's dictionaries, wherever in the file they are kept."""

from typing import Any

from pypdf.generic import DictionaryObject


def value(dictionary: Any, key: str, default: Any = None) -> Any:
    """Also of what is no dictionary at all, as in broken files: the default."""
    if not isinstance(dictionary, DictionaryObject) or key not in dictionary:
        return default
    return dictionary[key]


def named(resources: Any, kind: str, name: Any, *, reference: bool = False) -> Any:
    """What a content stream calls by a name; None where its resources lack it. reference: as it is referred to."""
    shelf = value(resources, kind)
    if reference and isinstance(shelf, DictionaryObject) and name in shelf:
        return shelf.raw_get(name)
    return value(shelf, name)
