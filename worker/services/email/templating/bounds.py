"""What markup of people may take. Whatever exceeds a bound is unfit, and is told by which bound.

The bounds are far above what editors and newsletter programs write (a mail of 90 KB has about 700 elements, 45 deep,
and 60 rules), and far below what costs a second or overflows a stack of 512 KiB.
"""

from worker.kit.localisation import Sentence, message

# Mail programs cut off what exceeds 102 KB, and with it the way to unsubscribe.
LARGEST_MAIL = 102_000
LARGEST_SOURCE = 102_000
MOST_ELEMENTS = 3_000
DEEPEST = 100
LARGEST_TAGS = 4 * LARGEST_SOURCE
MOST_RULES_BY_ELEMENTS = 200_000
MOST_STYLES_BY_ELEMENTS = 4_000_000

TEXT_TOO_LONG = message("Le texte fait %(size)s octets ; %(most)s au plus sont acceptés. Raccourcissez-le.")
MAIL_TOO_LONG = message(
    "Le message ferait %(size)s octets ; les messageries coupent ce qui dépasse %(most)s. Raccourcissez le texte."
)
VALUES_TOO_LONG = message(
    "Les valeurs des variables rempliraient plus de %(most)s octets. Utilisez-les moins souvent ou raccourcissez-les."
)
TOO_MANY_ELEMENTS = message("Le HTML a plus de %(most)s éléments. Retirez-en.")
TAGS_TOO_LONG = message(
    "Les balises du HTML, avec la mise en forme répétée dans chaque paragraphe qu’elle couvre, font plus de %(most)s "
    "caractères. Raccourcissez leurs attributs."
)
TOO_DEEP = message("Le HTML a des éléments imbriqués à plus de %(most)s niveaux. Fermez-les ou retirez des niveaux.")
TOO_MANY_RULES = message(
    "Les feuilles de style ont %(rules)s règles pour %(elements)s éléments ; le produit peut être de %(most)s au plus. "
    "Retirez les règles qui ne servent pas."
)
STYLES_TOO_LONG = message(
    "Les feuilles de style déclarent %(size)s caractères pour %(elements)s éléments ; le produit peut être de %(most)s "
    "au plus. Retirez les règles qui ne servent pas."
)


class Unfit(Exception):
    """Markup that no parser is shown, or a mail that would not arrive whole: a sentence that names the bound."""

    def __init__(self, said: Sentence) -> None:
        super().__init__(str(said))
        self.said = said


def check_source(source: str) -> None:
    """Raise Unfit for a text beyond LARGEST_SOURCE bytes of UTF-8."""
    size = size_of(source)
    if size > LARGEST_SOURCE:
        raise _unfit(TEXT_TOO_LONG, size=size, most=LARGEST_SOURCE)


def check_mail(*parts: str) -> None:
    """Raise Unfit when the HTML or the text of a mail exceeds LARGEST_MAIL bytes of UTF-8."""
    size = max(map(size_of, parts))
    if size > LARGEST_MAIL:
        raise _unfit(MAIL_TOO_LONG, size=size, most=LARGEST_MAIL)


def check_values(size: int) -> None:
    """Raise Unfit for values that fill a mail more than three times: HTML, text and source hold each of them."""
    if size > 3 * LARGEST_MAIL:
        raise _unfit(VALUES_TOO_LONG, most=LARGEST_MAIL)


def check_elements(count: int) -> None:
    """Raise Unfit for more than MOST_ELEMENTS elements."""
    if count > MOST_ELEMENTS:
        raise _unfit(TOO_MANY_ELEMENTS, most=MOST_ELEMENTS)


def check_tags(size: int) -> None:
    """Raise Unfit for more than LARGEST_TAGS characters of tags: formatting is written anew in each block it covers."""
    if size > LARGEST_TAGS:
        raise _unfit(TAGS_TOO_LONG, most=LARGEST_TAGS)


def check_depth(depth: int) -> None:
    """Raise Unfit for elements that stand deeper in one another than DEEPEST."""
    if depth > DEEPEST:
        raise _unfit(TOO_DEEP, most=DEEPEST)


def check_styles(selectors: int, declared: int, elements: int) -> None:
    """Raise Unfit for style sheets that are too much for so many elements. `declared`: characters of declarations."""
    if selectors * elements > MOST_RULES_BY_ELEMENTS:
        raise _unfit(TOO_MANY_RULES, rules=selectors, elements=elements, most=MOST_RULES_BY_ELEMENTS)
    if declared * elements > MOST_STYLES_BY_ELEMENTS:
        raise _unfit(STYLES_TOO_LONG, size=declared, elements=elements, most=MOST_STYLES_BY_ELEMENTS)


def _unfit(text: str, **values: int) -> Unfit:
    return Unfit(Sentence(text, values))


def size_of(text: str) -> int:
    """Bytes of UTF-8; half a surrogate pair counts as one character."""
    return len(text.encode("utf-8", "surrogatepass"))
