"""Names of technologies that are written in several ways, word by word in the one way that counts."""

from collections.abc import Mapping, Sequence

_SCRIPTS = (
    *("alpine", "backbone", "chart", "d3", "discord", "electron", "ember", "express", "gatsby", "ionic"),
    *("knockout", "meteor", "nest", "next", "node", "nuxt", "svelte", "three", "vue"),
)
_VERSIONED = (
    *("angular", "css", "django", "drupal", "html", "java", "laravel", "mysql", "oracle", "php", "postgresql"),
    *("python", "react", "symfony", "vue"),
)

# Each spelling as its words, with the words that it becomes.
_SPELLINGS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    **{(f"{name}js",): (f"{name}.js",) for name in _SCRIPTS},
    **{(name, "js"): (f"{name}.js",) for name in _SCRIPTS},
    # These are called by both names.
    **dict.fromkeys((("angularjs",), ("angular.js",), ("angular", "js")), ("angular",)),
    **dict.fromkeys((("reactjs",), ("react.js",), ("react", "js")), ("react",)),
    **{(f"{name}.net",): (name, ".net") for name in ("ado", "asp", "vb")},
    **{(f"{name}net",): (name, ".net") for name in ("ado", "asp", "vb")},
    **{(name, "net"): (name, ".net") for name in ("ado", "asp", "vb")},
    ("dotnet",): (".net",),
    ("dot", "net"): (".net",),
    ("net", "core"): (".net", "core"),
    ("csharp",): ("c#",),
    ("c", "sharp"): ("c#",),
    ("cpp",): ("c++",),
    ("cplusplus",): ("c++",),
    ("c", "plus", "plus"): ("c++",),
    ("ci", "cd"): ("cicd",),
    ("ms", "sql"): ("mssql",),
    ("my", "sql"): ("mysql",),
    ("no", "sql"): ("nosql",),
    ("pl", "sql"): ("plsql",),
    ("t", "sql"): ("tsql",),
    ("powerbi",): ("power", "bi"),
    ("s4", "hana"): ("s4hana",),
    ("s", "4hana"): ("s4hana",),
    ("s", "4", "hana"): ("s4hana",),
    ("wi", "fi"): ("wifi",),
    **{(f"{name}{version}",): (name, str(version)) for name in _VERSIONED for version in range(1, 31)},
}
_FIRST = frozenset(spelling[0] for spelling in _SPELLINGS)
_LONGEST = max(map(len, _SPELLINGS))


def in_one_form(words: Sequence[str]) -> tuple[str, ...]:
    """Folded words with every known spelling of a technology replaced, the longest first."""
    if _FIRST.isdisjoint(words):
        return tuple(words)
    found: list[str] = []
    place = 0
    while place < len(words):
        length = _spelled(words, place) if words[place] in _FIRST else 0
        found += _SPELLINGS[tuple(words[place : place + length])] if length else [words[place]]
        place += length or 1
    return tuple(found)


def _spelled(words: Sequence[str], place: int) -> int:
    """How many words from here on spell a technology; 0 for none."""
    lengths = range(min(_LONGEST, len(words) - place), 0, -1)
    return next((length for length in lengths if tuple(words[place : place + length]) in _SPELLINGS), 0)
