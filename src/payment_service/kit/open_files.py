"""How many files and connections a process may hold open at once."""

import resource

WANTED = 16_384
KEPT = 256
"""For the database, calls to gateways and receivers, and files that are read for a moment."""
MOST_CONNECTIONS = 8_192
"""That come in; each is some 12 KB."""


def room_for_connections() -> int:
    """Raises the limit that the process began with, often 1,024, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    if soft != infinite and soft < WANTED:
        soft = WANTED if hard == infinite else min(WANTED, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == infinite:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(soft - KEPT, soft // 2))
