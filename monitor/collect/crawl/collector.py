"""The collector for listings, sitemaps and site spiders: a visit is a crawl in a child process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitor.collect.came import WALL, is_no_listing, is_no_map
from monitor.collect.crawl.lines import Line, draft_of
from monitor.collect.crawl.pagelines import validators_in
from monitor.collect.crawl.process import Crawls
from monitor.collect.limits import ENTRIES
from monitor.collect.validators import conditions
from monitor.errors import SourceError
from monitor.model import Collected, Draft, Source, SourceKind, SourceState, Validators, Visit, VisitOutcome
from monitor.polling.remembered import validators_for
from monitor.protocols import Clock
from monitor.text import reason

_NOT_MODIFIED = 304
_ONLY_EMPTY = "empty_sitemap"


@dataclass(slots=True)
class _Findings:
    """What a child has told so far."""

    drafts: list[Draft] = field(default_factory=list)
    starts: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    too_many: int = 0
    without_address: int = 0

    async def hear(self, line: Line) -> None:
        if line["type"] == "draft":
            if len(self.drafts) < ENTRIES:
                self.drafts.append(draft_of(line["draft"]))
            else:
                self.too_many += 1
        elif line["type"] == "remark":
            self.without_address += line.get("without_address", 0)
        else:
            (self.starts if line.get("start") else self.others).append(line)


class CrawlCollector:
    """`protocols.Collector` for what is read by a spider."""

    def __init__(self, crawls: Crawls, *, clock: Clock) -> None:
        """Take who starts children."""
        self._crawls = crawls
        self._clock = clock

    async def collect(self, source: Source, state: SourceState) -> Collected:
        """Crawl; a crawl that was cut short keeps its drafts, but counts as failed and brings no validators."""
        findings = _Findings()
        started = self._clock.now()
        cut: SourceError | None = None
        try:
            await self._crawls.visit(source, conditions(validators_for(state, started)), findings.hear)
        except SourceError as error:
            cut = error
        visit = Visit(source=source.name, started_at=started, finished_at=self._clock.now(), outcome=VisitOutcome.READ)
        return _collected(visit, source, state.validators, findings, cut)


def _collected(
    visit: Visit, source: Source, before: Validators, findings: _Findings, cut: SourceError | None
) -> Collected:
    """Give what a crawl came to.

    Raises:
        SourceError: nothing came of it.
    """
    good = [line for line in findings.starts if not line.get("error")]
    bad = [line for line in (*findings.starts, *findings.others) if line.get("error")]
    if cut and cut.kind == "crawl_broken" and any(line["error"] == "spider_error" for line in bad):
        cut = _failure([line for line in bad if line["error"] == "spider_error"], None)  # it says why the crawl broke
    not_modified = bool(good) and all(line["status"] == _NOT_MODIFIED for line in good)
    if not findings.drafts and (not good or (bad and not not_modified)):
        raise _failure(bad, cut)
    problem = cut or (_failure(bad, None) if bad else None) or _too_many(findings)
    if not findings.drafts and not not_modified and not problem:
        problem = _nothing_found(source, good[0], findings.without_address)
        if problem.kind != _ONLY_EMPTY:
            raise problem
    visit = replace(
        visit,
        outcome=_outcome(cut, not_modified=not_modified and not findings.drafts),
        status=good[0]["status"] if good else None,
        size=sum(line.get("size", 0) for line in (*findings.starts, *findings.others)),
        entries=len(findings.drafts),
        validators=before if not_modified else _validators(findings),
        error=problem.kind if problem else None,
        detail=reason(problem.detail) or None if problem else None,
    )
    return Collected(visit=visit, drafts=tuple(findings.drafts))


def _too_many(findings: _Findings) -> SourceError | None:
    if not findings.too_many:
        return None
    told = f"{ENTRIES + findings.too_many} drafts in one visit; the first {ENTRIES} were taken: yield the newest first"
    return SourceError("too_many_drafts", told)


def _nothing_found(source: Source, start: Line, without_address: int) -> SourceError:
    """Tell of a visit without an article: a listing or a site always shows some, a news sitemap may be empty."""
    came = start.get("came", "")
    answer = f"the answer is {came} ({start.get('as') or 'no Content-Type'}, {start.get('size', 0)} bytes)"
    if came == WALL:
        return SourceError("challenge_page", answer)
    if source.kind is SourceKind.SITEMAP:
        if is_no_map(came):
            return SourceError("not_a_sitemap", f"{answer}; look for `Sitemap:` at the end of the site's /robots.txt")
        return SourceError(_ONLY_EMPTY, f"no article was found there{_by_pattern(source)}; {answer}")
    if source.kind is SourceKind.LISTING:
        if is_no_listing(came):
            return SourceError("not_a_page", f"{answer}, no web page; open it in a browser")
        by = f" by selectors: {{links: {source.selectors.links!r}}}" if source.selectors.links else ""
        remedy = "correct it" if by or source.links else "set links: or selectors: {links: ...}"
        told = f"no article was found there{by}{_by_pattern(source)}; open it in a browser, and {remedy}"
        return SourceError("empty_listing", told)
    without = f"{without_address} drafts had no address (url=None); " if without_address else ""
    return SourceError("nothing_found", f"the spider found no article{_by_pattern(source)}; {without}{answer}")


def _by_pattern(source: Source) -> str:
    return f" whose address has links: {source.links!r}" if source.links else ""


def _outcome(cut: SourceError | None, *, not_modified: bool) -> VisitOutcome:
    if cut:
        return VisitOutcome.FAILED
    return VisitOutcome.NOT_MODIFIED if not_modified else VisitOutcome.READ


def _failure(bad: list[Line], cut: SourceError | None) -> SourceError:
    """Give the first thing that went wrong; the longest wait that a server asked for counts."""
    if not bad:
        return cut or SourceError("crawl_broken", "the spider asked for no page")
    waits = [timedelta(seconds=line["retry_after"]) for line in bad if line.get("retry_after") is not None]
    line = bad[0]
    return SourceError(
        line["error"], line.get("detail") or "", status=line.get("status"), retry_after=max(waits, default=None)
    )


def _validators(findings: _Findings) -> Validators:
    """Give the validators of a visit that was one request: of several pages, the first does not speak for all."""
    if len(findings.starts) != 1 or findings.others:
        return Validators()
    return validators_in(findings.starts[0])
