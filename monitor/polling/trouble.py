"""When a source's failures are worth a word to the operator: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from enum import StrEnum

from monitor.model import Source, SourceState
from monitor.polling.condition import FAILURES, OVER, REFUSALS, SOMETHING_ELSE
from monitor.polling.visits import CONFIRMED
from monitor.text import minute

GONE_AFTER = timedelta(days=30)
CAUSE = "failing:"  # what the causes of these notices begin with; the source's name follows


class Ailment(StrEnum):
    """What a source that cannot be read suffers from."""

    FAILING = "failing"  # it may work again by itself
    REFUSED = "refused"  # its server knows what we want and does not give it: a person must act
    GONE = "gone"  # its server says that it is no more
    CHANGED = "changed"  # something else is at its address: a person must look


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the operator is told of a source: once for each `cause`, until it is over."""

    cause: str
    text: str


def ailment(state: SourceState) -> Ailment | None:
    """Tell what a source suffers from; None while a failure may be the usual hiccup.

    A server that says "gone" or "no" twice, an hour apart, means it. Everything else needs three failures over six
    hours; thirty days of 404 are as good as gone.
    """
    if state.failing_since is None or state.last_visit_at is None:
        return None
    error = (state.last_error or "").partition(":")[0]
    same = state.last_visit_at - (state.error_since or state.last_visit_at)
    confirmed = state.failures > 1 and same >= CONFIRMED
    if (error == "http_410" and confirmed) or (error == "http_404" and same >= GONE_AFTER):
        return Ailment.GONE
    if error in REFUSALS and confirmed:
        return Ailment.REFUSED
    lasting = state.failures >= FAILURES and state.last_visit_at - state.failing_since >= OVER
    if not lasting:
        return None
    return Ailment.CHANGED if error in SOMETHING_ELSE else Ailment.FAILING


def calls_for_somebody(state: SourceState) -> bool:
    """Tell whether a person must look at a source that fails: it was never read, or it is no usual hiccup any more."""
    return state.failures > 0 and (state.last_good_at is None or ailment(state) is not None)


def trouble(source: Source, state: SourceState, *, zone: tzinfo) -> Trouble | None:
    """Give what the operator is to be told of a source now, if anything; `zone` is that of the times in it."""
    found = ailment(state)
    if found is None or state.failing_since is None:
        return None
    first = f"{source.name} ({source.outlet}) {_SAID[found]} since {minute(state.failing_since, zone)}"
    story = f"{state.last_error}\n{state.address or source.url}\n{state.failures} failures in a row; {_ADVICE[found]}"
    return Trouble(cause=f"{CAUSE}{source.name}", text=f"{first}\n\n{story}.")


def recovery(source: Source) -> Trouble:
    """Give what the operator is told when it is over."""
    return Trouble(cause=f"{CAUSE}{source.name}", text=f"{source.name} ({source.outlet}) can be read again")


_SAID = {
    Ailment.FAILING: "cannot be read",
    Ailment.REFUSED: "is refused to us",
    Ailment.GONE: "is gone",
    Ailment.CHANGED: "shows no articles any more",
}
_ADVICE = {
    Ailment.FAILING: "nothing is lost that it still shows when it works again",
    Ailment.REFUSED: "ask the outlet, or look for another feed of it",
    Ailment.GONE: "look for its new address and write it into config.yaml, or remove the source",
    Ailment.CHANGED: "look at it in a browser; `monitor sources add` finds a new address from the outlet's home page",
}
