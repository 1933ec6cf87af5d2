"""One run of schemathesis: every operation, in all its phases, with every check."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.generation.modes import GenerationMode
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from tests.contract.apart import Served
from tests.contract.fitting import fit
from tests.contract.shop import Shop


class Outcome:
    """What came of a run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.failures: list[str] = []
        self.answers: Counter[tuple[str, str, str, int]] = Counter()
        """By operation, phase, mode of what was made up, and status."""

    def note(self, case: Case[Any], response: Response) -> None:
        if case.meta is None:
            return
        name = case.operation.definition.raw["operationId"]
        phase, mode = case.meta.phase.name.value, case.meta.generation.mode
        self.answers[name, phase, mode.value, response.status_code] += 1

    def statuses(self, name: str) -> set[int]:
        return {key[3] for key in self.answers if key[0] == name}

    def share_of_successes(self, name: str) -> float:
        """Of the requests that were made up to be good."""
        good = {
            key: number
            for key, number in self.answers.items()
            if key[0] == name and key[2] == GenerationMode.POSITIVE.value and key[1] != "stateful"
        }
        well = sum(number for key, number in good.items() if key[3] < 300)
        return well / max(1, sum(good.values()))


def config_of(served: Served, mode: str, examples: int, *, every_fault: bool) -> SchemathesisConfig:
    covered = {} if every_fault else {"generation": {"mode": GenerationMode.POSITIVE.value}}
    return SchemathesisConfig.from_dict(
        {
            "base-url": served.origin,
            "headers": {"Authorization": f"Bearer {served.keys[mode]}"},
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "database": "none"},
            "phases": {
                "stateful": {"generation": {"max-examples": examples}},
                "coverage": covered,
            },
        }
    )


def run(served: Served, mode: str, examples: int, *, every_fault: bool = True) -> Outcome:
    """Without `every_fault` what breaks the schema is made up, but not gone through in full."""
    config = config_of(served, mode, examples, every_fault=every_fault)
    outcome = Outcome(config.seed)
    schema = schemathesis.openapi.from_url(f"{served.origin}/v1/openapi.json", config=config)
    with hooked(Shop(served.origin, served.keys[mode]), outcome):
        for event in from_schema(schema).execute():
            outcome.failures += failures_of(event)
    return outcome


@contextmanager
def hooked(shop: Shop, outcome: Outcome) -> Iterator[None]:
    """Each request is made to fit before it is sent, and noted after it."""

    def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
        fit(shop, case)

    def after_call(context: HookContext, case: Case[Any], response: Response) -> None:  # noqa: ARG001
        outcome.note(case, response)

    hooks = (before_call, after_call)
    for hook in hooks:
        schemathesis.hook(hook)
    try:
        yield
    finally:
        for hook in hooks:
            GLOBAL_HOOK_DISPATCHER.unregister(hook)


def failures_of(event: events.EngineEvent) -> Iterator[str]:
    if isinstance(event, events.NonFatalError | events.FatalError):
        yield f"{event}"
    if isinstance(event, events.ScenarioFinished):
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is None:
                    continue
                case = event.recorder.cases[case_id].value
                failure = check.failure_info.failure
                yield (
                    f"{event.phase.value} {case.operation.label} {check.name}: {failure.title}: "
                    f"{failure.message}\n{check.failure_info.code_sample}"
                )
