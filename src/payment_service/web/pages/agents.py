"""What a browser calls itself, in two words: `Chrome, Android`."""

BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
"""The first that is found: most claim to be several."""


def browser(agent: str) -> str:
    """Programs and unknown ones as they call themselves."""
    names = [
        next((name for mark, name in marks if mark in agent), None) for marks in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in names if name) or agent[:40] or "?"
