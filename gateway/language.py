"""Which of the suite's two languages a reader wants, from Accept-Language (RFC 9110, section 12.5.4)."""

LANGUAGES = ("en", "zh")


def language_of(accept_language: str) -> str:
    """English where nothing of ours is asked for."""
    best, weight = LANGUAGES[0], 0.0
    for part in accept_language[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        name = tag.strip().partition("-")[0].lower()
        try:
            asked = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if name in LANGUAGES and asked > weight:
            best, weight = name, asked
    return best
