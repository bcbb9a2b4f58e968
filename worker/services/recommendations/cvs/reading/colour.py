"""Colours as red, green and blue from 0 to 1, and which of them the eye tells apart."""

Colour = tuple[float, float, float]

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)
# Per part.
INDISTINCT = 0.08
# Below this share of ink nothing is seen.
FAINTEST = 0.05


def alike(first: Colour, second: Colour) -> bool:
    return all(abs(one - other) < INDISTINCT for one, other in zip(first, second, strict=True))


def mixed(beneath: Colour, above: Colour, share: float) -> Colour:
    """share: how much is seen of what is above."""
    red, green, blue = (low + share * (high - low) for low, high in zip(beneath, above, strict=True))
    return (red, green, blue)
