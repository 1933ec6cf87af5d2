"""The catalogue of errors holds every code that is raised, with its status and members."""

import re
from collections import defaultdict
from typing import NamedTuple

from payment_service.kit import errors
from payment_service.web.catalogue import CODES, GROUPS
from payment_service.web.problems import CODES as CODES_OF_STATUS
from payment_service.web.problems import STATUS
from tests.source import called, calls, pattern_of

REFUSALS = {
    name: STATUS[kind.kind]
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Refusal) and kind is not errors.Refusal
}
NO_MEMBERS = {"retry_after", "headers"}


class Raised(NamedTuple):
    statuses: set[int]
    members: set[str]


def raised_in_the_source() -> dict[str, Raised]:
    """By a pattern of the code."""
    found: defaultdict[str, Raised] = defaultdict(lambda: Raised(set(), set()))
    for status, plain in [*CODES_OF_STATUS.items(), (400, "http_error")]:
        found[plain].statuses.add(status)
    code: str | None
    for call in calls():
        name = called(call)
        if name in REFUSALS and call.args:
            code, status = pattern_of(call.args[0]), REFUSALS[name]
        elif name == "problem" and len(call.args) > 1:
            code, status = pattern_of(call.args[1]), int(pattern_of(call.args[0]) or 0)
        else:
            continue
        if code is not None:
            found[code].statuses.add(status)
            found[code].members.update(word.arg for word in call.keywords if word.arg)
    return dict(found)


RAISED = raised_in_the_source()


def matching(code: str) -> list[Raised]:
    return [raised for pattern, raised in RAISED.items() if re.fullmatch(pattern, code)]


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    assert [p for p in RAISED if not any(re.fullmatch(p, code) for code in CODES)] == []


def test_every_code_in_the_catalogue_is_raised_somewhere() -> None:
    assert [code for code in CODES if not matching(code)] == []


def test_a_code_stands_in_the_catalogue_once() -> None:
    names = [code.name for group in GROUPS for code in group.codes]
    assert len(names) == len(set(names))


def test_a_code_has_the_status_and_the_members_that_are_told() -> None:
    for code in CODES.values():
        ways = [RAISED[code.name]] if code.name in RAISED else matching(code.name)
        assert {code.status} == set.union(*(way.statuses for way in ways)), code.name
        members = set.union(*(way.members for way in ways)) - NO_MEMBERS
        assert set(code.members) == members, code.name


def test_the_catalogue_speaks_in_sentences() -> None:
    for code in CODES.values():
        assert code.meaning.endswith("."), code.name
        assert code.remedy.endswith("."), code.name
