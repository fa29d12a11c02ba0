"""Whether what a tenant writes on its own colour can be read (WCAG 2.2, success criterion 1.4.3)."""

from chassis.errors import InvalidArgument
from kith.identity.v1.tenant_pb2 import Branding

LEAST_CONTRAST = 4.5
WHITE = "#ffffff"


def refuse_unreadable(branding: Branding) -> None:
    """Raises InvalidArgument for a colour that its text does not stand out from."""
    color, text = branding.primary_color, branding.text_color
    if text and not color:
        raise InvalidArgument.of("branding.text_color", "is written on no primary_color")
    if color and (found := contrast(color, text or WHITE)) < LEAST_CONTRAST:
        problem = f"has a contrast of {found:.2f} to {text or WHITE}; {LEAST_CONTRAST} is the least that can be read"
        raise InvalidArgument.of("branding.primary_color", problem)


def contrast(one: str, other: str) -> float:
    """From 1 for two equal colours to 21 for black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative, as sRGB has it: of `#rrggbb`, 0 for black and 1 for white."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
