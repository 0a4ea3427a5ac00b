"""From checked keys to values: what no single key can know (names that must exist, secrets, folders)."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path

from monitor.config.expected import unexpected
from monitor.config.glossary import Glossary
from monitor.config.nodes import Path as KeyPath
from monitor.config.places import data_folder
from monitor.config.queries import Queries
from monitor.config.schema import KINDS, ChannelKeys, RootKeys, RuleKeys, SourceKeys
from monitor.config.values import Config
from monitor.config.ways_out import WaysOutBuilder
from monitor.errors import QueryError
from monitor.folders import inside
from monitor.language import terms_of
from monitor.model import (
    AlertSettings,
    BackupPlan,
    Channel,
    ChannelKind,
    Limits,
    Retention,
    Rule,
    Selectors,
    Source,
    SourceKind,
)
from monitor.query import Node, facet_values, hints

# Keys of a source that make sense for some kinds only.
_ONLY_FOR = {
    "start": (SourceKind.SPIDER,),
    "links": (SourceKind.LISTING, SourceKind.SITEMAP, SourceKind.SPIDER),
    "pages": (SourceKind.LISTING, SourceKind.SITEMAP, SourceKind.SPIDER),
}
_LISTS = (SourceKind.LISTING, SourceKind.SPIDER)
_NO_SITES = ("listing", "sitemap", "article")


def spider_folders(keys: RootKeys, file: Path) -> tuple[Path, ...]:
    """Give the folders of people's own spiders, which the file names relative to itself."""
    return tuple((file.parent / folder).absolute() for folder in keys.spiders)


class Builder:
    """Builds a Config, noting problems on the way."""

    def __init__(
        self,
        keys: RootKeys,
        *,
        file: Path,
        environ: Mapping[str, str],
        data: Path | None,
        origins: Mapping[str, str] | None = None,
        doubled: Collection[int] = (),
    ) -> None:
        """Take checked keys and what stands around the file.

        `origins` are the files that concepts stand in, `doubled` the rules whose queries stand in double quotes.
        """
        self._doubled = doubled
        self._keys = keys
        self._glossary = Glossary(keys.concepts, origins or {})
        self._queries = Queries(terms_of(self._glossary.concepts()))
        self._file = file
        self._environ = environ
        self._data = data
        self._ways = WaysOutBuilder(file=file, environ=environ)
        self._warnings: list[str] = []
        self.problems: list[tuple[KeyPath, str]] = []

    def build(self) -> Config | None:
        """Give the configuration; None where there are problems."""
        keys = self._keys
        self.problems += self._glossary.problems()
        channels = tuple(self._channel(name, channel) for name, channel in keys.channels.items())
        rules = tuple(self._rule(number, rule) for number, rule in enumerate(keys.rules))
        sources = [(self._source(number, source), source.enabled) for number, source in enumerate(keys.sources)]
        smtp = self._ways.smtp(keys.smtp) if keys.smtp else None
        ping = self._ways.ping(keys.ping) if keys.ping else None
        self.problems += self._ways.problems
        self._warnings += self._ways.warnings
        self._check_names()
        self._check_folders()
        if not keys.contact:
            self._warnings.append("contact: is empty; outlets cannot reach you if something goes wrong on their side")
        for name in self._glossary.replaced:
            what = "replaces the shipped concept of this name; with extend: true it would add to its words"
            self._warnings.append(f"concepts: {name} {what}")
        if self.problems:
            return None
        return Config(
            file=self._file,
            data=data_folder(self._file, environ=self._environ, given=self._data, named=keys.data),
            contact=keys.contact,
            languages=keys.languages,
            timezone=keys.timezone,
            operator=keys.operator,
            heartbeat=keys.heartbeat,
            ping=ping,
            channels=channels,
            smtp=smtp,
            password_file=self._ways.password_file,
            alerts=AlertSettings(group_interval=keys.alerts.group_interval, wait_for_text=keys.alerts.wait_for_text),
            rules=rules,
            glossary=self._glossary.concepts(),
            sources=tuple(source for source, enabled in sources if source is not None and enabled),
            spiders=spider_folders(keys, self._file),
            resting=tuple(source for source, enabled in sources if source is not None and not enabled),
            limits=Limits(**{field.name: getattr(keys.limits, field.name) for field in fields(Limits)}),
            retention=Retention(**{field.name: getattr(keys.retention, field.name) for field in fields(Retention)}),
            backup=BackupPlan(every=keys.backup.every, keep=keys.backup.keep),
            warnings=tuple(self._warnings),
        )

    def _channel(self, name: str, keys: ChannelKeys) -> Channel:
        kind = ChannelKind(keys.type)
        if kind is ChannelKind.EMAIL and not keys.to:
            self._problem(("channels", name), "an email channel needs to: with at least one address")
        if kind is ChannelKind.EMAIL and self._keys.smtp is None:
            self._problem(("channels", name), "an email channel needs smtp: with the mail server; add it")
        path = keys.path or name
        try:
            inside(self._file.parent, path if kind is ChannelKind.MAILDIR else name)
        except ValueError:
            what = (
                "a maildir lies in the data folder" if kind is ChannelKind.MAILDIR else "this is no name of a channel"
            )
            self._problem(("channels", name, "path"), f"{what}; write a name such as mail")
        subject = keys.subject or self._keys.alerts.subject
        return Channel(name=name, kind=kind, path=str(Path(path)), to=keys.to, neutral=subject == "neutral")

    def _rule(self, number: int, keys: RuleKeys) -> Rule:
        concepts: tuple[tuple[str, str], ...] = ()
        try:
            node, concepts = self._queries.read(keys.query)
            self._check_scope(number, keys, node)
            told = hints(keys.query, in_double_quotes=number in self._doubled)
            self._warnings += [f"rule {keys.name}: {hint}" for hint in told]
        except QueryError as error:
            what = f"{error} (at character {error.position + 1} of the query)"
            self._problem(("rules", number, "query"), what)
        for channel in keys.to:
            self._known(("rules", number, "to"), "channel", channel, self._keys.channels)
        for source in keys.sources:
            self._known(("rules", number, "sources"), "source", source, [item.name for item in self._keys.sources])
        known = [*self._keys.languages, *(item.language for item in self._keys.sources if item.language)]
        for what in unexpected(keys.languages, known):
            self._problem(("rules", number, "languages"), what)
        return Rule(
            name=keys.name,
            query=keys.query,
            to=keys.to,
            when=keys.when,
            languages=keys.languages,
            sources=keys.sources,
            mentions=keys.mentions,
            concepts=concepts,
        )

    def _check_scope(self, number: int, keys: RuleKeys, query: Node) -> None:
        """Find a rule that asks for one language or source by its query, and for another one by its keys."""
        for name, facet, values in (("languages", "lang", keys.languages), ("sources", "source", keys.sources)):
            asked = facet_values(query, facet)
            if values and asked is not None and asked.isdisjoint(value.casefold() for value in values):
                what = f"the query asks for {facet}: {' or '.join(sorted(asked))} alone, so this never matches"
                self._problem(("rules", number, name), f"{what}; write one of the two")
        asked, known = facet_values(query, "source"), {item.name.casefold() for item in self._keys.sources}
        for source in asked if asked is not None and asked.isdisjoint(known) else ():
            self._known(("rules", number, "query"), "source", source, known)

    def _source(self, number: int, keys: SourceKeys) -> Source | None:
        """Give a source, enabled or not: one that rests is checked, too."""
        path: KeyPath = ("sources", number)
        kinds = [kind for kind in KINDS if getattr(keys, kind) is not None]
        if len(kinds) != 1:
            self._problem(path, f"{keys.name} must have exactly one of {', '.join(KINDS)}; it has {len(kinds)}")
            return None
        start = self._start(path, keys, SourceKind(kinds[0]))
        if start is None:
            return None
        defaults = self._keys.defaults
        return Source(
            name=keys.name,
            outlet=keys.outlet,
            kind=SourceKind(kinds[0]),
            url=start[0],
            start=start,
            language=keys.language,
            country=keys.country,
            every=keys.every or defaults.every,
            every_given=keys.every is not None,
            full_text=keys.full_text or defaults.full_text,
            first_visit=keys.first_visit or defaults.first_visit,
            robots=keys.robots or defaults.robots,
            revisit=keys.revisit or defaults.revisit,
            snapshots=keys.snapshots or defaults.snapshots,
            allow_private=keys.allow_private,
            verify_tls=keys.verify_tls,
            links=keys.links,
            pages=keys.pages,
            spider=keys.spider,
            selectors=Selectors(**keys.selectors.model_dump()),
        )

    def _start(self, path: KeyPath, keys: SourceKeys, kind: SourceKind) -> tuple[str, ...] | None:
        """Give where reading begins; keys that this kind of source has no use for are problems."""
        for name, kinds in _ONLY_FOR.items():
            if getattr(keys, name) and kind not in kinds:
                self._problem((*path, name), f"a {kind} has no use for {name}; remove it")
        for name in ("links", "next"):
            if getattr(keys.selectors, name) and kind not in _LISTS:
                self._problem((*path, "selectors", name), f"a {kind} has no use for this selector; remove it")
        if kind is not SourceKind.SPIDER:
            return (str(getattr(keys, kind)),)
        if not keys.start:
            self._problem((*path, "spider"), "a spider needs start: with the address where it begins; add it")
        elif keys.spider in _NO_SITES:
            self._problem((*path, "spider"), f"{keys.spider} is no site's own spider; write listing: or sitemap:")
        return keys.start or None

    def _check_names(self) -> None:
        """Find names that stand twice, and an operator that is no channel."""
        sources = [source.name for source in self._keys.sources]
        for kind, names in (("sources", sources), ("rules", [rule.name for rule in self._keys.rules])):
            seen: set[str] = set()
            for number, name in enumerate(names):
                if name in seen:
                    self._problem((kind, number, "name"), f"{name!r} stands twice; give each its own name")
                seen.add(name)
        if self._keys.operator is not None:
            self._known(("operator",), "channel", self._keys.operator, self._keys.channels)
        elif self._keys.heartbeat is not None:
            self._problem(("heartbeat",), "nobody would get this mail; name a channel in operator: too")

    def _check_folders(self) -> None:
        for number, folder in enumerate(self._keys.spiders):
            if not (self._file.parent / folder).is_dir():
                self._problem(("spiders", number), f"there is no folder {folder}; make it, or remove the line")

    def _known(self, path: KeyPath, kind: str, name: str, names: Collection[str]) -> None:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names) or 'none yet'}"
            self._problem(path, f"there is no {kind} {name!r}; {hint}")

    def _problem(self, path: KeyPath, what: str) -> None:
        self.problems.append((path, what))
