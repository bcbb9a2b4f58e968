"""What markup of people may take. Whatever exceeds a bound is unfit, and is told by which bound.

The bounds are far above what editors and newsletter programs write (a mail of 90 KB has about 700 elements, 45 deep,
and 60 rules), and far below what costs a second or overflows a stack of 512 KiB.
"""

# Mail programs cut off what exceeds 102 KB, and with it the way to unsubscribe.
LARGEST_MAIL = 102_000
LARGEST_SOURCE = 102_000
MOST_ELEMENTS = 3_000
DEEPEST = 100
LARGEST_TAGS = 4 * LARGEST_SOURCE
MOST_RULES_BY_ELEMENTS = 200_000
MOST_STYLES_BY_ELEMENTS = 4_000_000


class Unfit(Exception):
    """Markup that no parser is shown, or a mail that would not arrive whole: a sentence that names the bound."""


def check_source(source: str) -> None:
    """Raise Unfit for a text beyond LARGEST_SOURCE bytes of UTF-8."""
    size = size_of(source)
    if size > LARGEST_SOURCE:
        raise Unfit(f"The text is {size} bytes long; at most {LARGEST_SOURCE} are accepted. Shorten it.")


def check_mail(*parts: str) -> None:
    """Raise Unfit when the HTML or the text of a mail exceeds LARGEST_MAIL bytes of UTF-8."""
    size = max(map(size_of, parts))
    if size > LARGEST_MAIL:
        raise Unfit(
            f"The mail would be {size} bytes long; mail programs cut off what exceeds {LARGEST_MAIL}. Shorten the text."
        )


def check_values(size: int) -> None:
    """Raise Unfit for values that fill a mail more than three times: HTML, text and source hold each of them."""
    if size > 3 * LARGEST_MAIL:
        raise Unfit(
            f"The values of the placeholders would fill more than {LARGEST_MAIL} bytes. Use them less often, or "
            "shorten the values."
        )


def check_elements(count: int) -> None:
    """Raise Unfit for more than MOST_ELEMENTS elements."""
    if count > MOST_ELEMENTS:
        raise Unfit(f"The HTML has more than {MOST_ELEMENTS} elements. Remove some of them.")


def check_tags(size: int) -> None:
    """Raise Unfit for more than LARGEST_TAGS characters of tags: formatting is written anew in each block it covers."""
    if size > LARGEST_TAGS:
        raise Unfit(
            f"The tags of the HTML, with the formatting repeated in each paragraph that it covers, have more than "
            f"{LARGEST_TAGS} characters. Shorten their attributes."
        )


def check_depth(depth: int) -> None:
    """Raise Unfit for elements that stand deeper in one another than DEEPEST."""
    if depth > DEEPEST:
        raise Unfit(f"The HTML has elements nested deeper than {DEEPEST}. Close them, or remove some levels.")


def check_styles(selectors: int, declared: int, elements: int) -> None:
    """Raise Unfit for style sheets that are too much for so many elements. `declared`: characters of declarations."""
    if selectors * elements > MOST_RULES_BY_ELEMENTS:
        raise Unfit(
            f"The style sheets have {selectors} rules for {elements} elements; the product may be at most "
            f"{MOST_RULES_BY_ELEMENTS}. Remove rules that are not used."
        )
    if declared * elements > MOST_STYLES_BY_ELEMENTS:
        raise Unfit(
            f"The style sheets declare {declared} characters for {elements} elements; the product may be at most "
            f"{MOST_STYLES_BY_ELEMENTS}. Remove rules that are not used."
        )


def size_of(text: str) -> int:
    """Bytes of UTF-8; half a surrogate pair counts as one character."""
    return len(text.encode("utf-8", "surrogatepass"))
