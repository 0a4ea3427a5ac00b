"""Finding what an outlet can be read by, with the daemon's own ways out; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.app.aside import ways_out_aside
from monitor.collect.discover.answers import Answers
from monitor.collect.discover.explore import Explorer
from monitor.collect.discover.weigh import best_of_each_language
from monitor.collect.worker import look
from monitor.config import Config
from monitor.config.naming import Known, NewSource, outlet_name
from monitor.language import Detector
from monitor.model import Candidate, Discovery, Looked, Network, Source
from monitor.protocols import Log


async def discover(
    config: Config,
    address: str,
    *,
    allow_private: Sequence[Network],
    verify_tls: bool,
    log: Log,
    show: Callable[[str], None],
) -> Discovery:
    """Look for the feeds, sitemaps and language editions of an outlet; `show` is told what is being asked for.

    Raises:
        SourceError: nothing can be had from the address itself.
    """
    like = Source(name="new", outlet="new", url="", allow_private=tuple(allow_private), verify_tls=verify_tls)
    async with ways_out_aside(config, log) as aside:

        async def read(body: bytes, url: str, content_type: str | None) -> Looked:
            return await aside.parser.run(look, body, url, content_type, aside.clock.now())

        answers = Answers(
            client=aside.client,
            look=read,
            pauses=aside.pauses,
            limits=config.limits,
            clock=aside.clock,
            show=show,
            allow_private=like.allow_private,
            verify_tls=verify_tls,
        )
        detect = Detector(config.languages)
        explorer = Explorer(
            answers,
            collector=aside.collector,
            detect=detect,
            clock=aside.clock,
            like=like,
            expected=config.languages,
        )
        return await explorer.find(address)


def known_sources(config: Config) -> Known:
    """Give the names and addresses of all sources, of disabled ones too."""
    return Known((*config.sources, *config.resting))


def best_new(config: Config, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Give the best candidate of each language, without those that are sources already."""
    known = known_sources(config)
    best = best_of_each_language(candidates, config.languages)
    return tuple(one for one in best if twin_of(known, one) is None)


def twin_of(known: Known, one: Candidate) -> str | None:
    """Give the source that has one of a candidate's addresses."""
    return next((name for url in (one.url, *one.also) if (name := known.twin(url))), None)


def new_sources(
    config: Config, chosen: Sequence[Candidate], *, allow_private: Sequence[Network], verify_tls: bool
) -> tuple[NewSource, ...]:
    """Give candidates as sources with names of their own."""
    known, made = known_sources(config), []
    several = len({one.language for one in chosen}) > 1
    for one in chosen:
        outlet = outlet_name(one.outlet, one.url)
        name = known.free_name(outlet, one.url, one.language, several=several)
        known.take(name, one.url)
        made.append(
            NewSource(
                name=name,
                outlet=outlet,
                kind=one.kind,
                url=one.url,
                language=one.language,
                allow_private=tuple(allow_private),
                verify_tls=verify_tls,
            )
        )
    return tuple(made)
