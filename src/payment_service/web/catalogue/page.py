"""The catalogue as a page of the documentation, docs/errors.md."""

from collections.abc import Iterator

from payment_service.web.catalogue import GROUPS, Code

HEAD = """\
# Errors

Written by `make docs` from `web/catalogue/`; not by hand.

A refusal is `application/problem+json`: `code` is stable and for programs, `detail` a sentence for
whoever reads the log, `status` the HTTP status; some have further members, named below. A refused
request changed nothing; only after 503 `took_too_long` and 500 this is not sure: it may be done all
the same, so send the same again with its key. 429 and 503 come with `Retry-After` in seconds.
"""


def errors_page() -> str:
    return "\n".join((HEAD, *_tables()))


def _tables() -> Iterator[str]:
    for group in GROUPS:
        yield f"## {group.title}\n"
        if group.intro:
            yield f"{group.intro}\n"
        yield "| code | status | meaning | what to do |"
        yield "|---|---|---|---|"
        yield from map(_row, group.codes)
        yield ""


def _row(code: Code) -> str:
    members = (
        f" Members: {', '.join(f'`{name}`' for name in code.members)}." if code.members else ""
    )
    return f"| `{code.name}` | {code.status} | {code.meaning}{members} | {code.remedy} |"
