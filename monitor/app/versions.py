"""Which version of a rule is tried, and with which it is compared: config.yaml and the versions that are kept."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from monitor.app.backtest import Trial
from monitor.config import Config, Queries
from monitor.errors import ConfigError
from monitor.model import Rule, RuleVersion
from monitor.store import EvidenceRows


def trial_of(config: Config, name: str | None, query: str | None) -> Trial:
    """Give a rule of the configuration, with another query if one is given, beside the last version that is kept.

    Without a name it is the query alone. What means the same as the last version is compared with nothing.

    Raises:
        ConfigError: there is no such rule.
    """
    if name is None:
        return Trial(rule=_asking(config, Rule(name="", query="", to=()), query or ""))
    rule = _configured(config, name)
    kept = EvidenceRows(config.database).rule_versions(name)
    wanted = _asking(config, rule, query) if query else rule
    last = kept[-1] if kept else None
    return Trial(rule=wanted, against=last if last and last.rule.meaning != wanted.meaning else None)


def difference_of(config: Config, name: str, old: int | None, new: int | None) -> Trial:
    """Give two versions of a rule: without numbers what config.yaml says, or the last one, and the one before it.

    Raises:
        ConfigError: there is no such rule or version, or nothing to compare with.
    """
    kept = EvidenceRows(config.database).rule_versions(name)
    if not kept:
        _configured(config, name)
        raise ConfigError((f"no version of rule {name} is kept yet; run `monitor run` or `monitor collect` first",))
    rule = _numbered(kept, new).rule if new else _newest(config, kept)
    if old is not None:
        return Trial(rule=rule, against=_numbered(kept, old))
    earlier = [version for version in kept if new is None or version.rule.version < new]
    earlier = [version for version in earlier if version.rule.meaning != rule.meaning]
    if not earlier:
        raise ConfigError((f"rule {name} has no version before this one; there is nothing to compare with",))
    return Trial(rule=rule, against=earlier[-1])


def _asking(config: Config, rule: Rule, query: str) -> Rule:
    return replace(rule, query=query, concepts=Queries(config.concepts).read(query)[1])


def _newest(config: Config, kept: Sequence[RuleVersion]) -> Rule:
    """Give the rule as config.yaml has it, or, where it has left that, its last version."""
    name = kept[-1].rule.name
    return next((rule for rule in config.rules if rule.name == name), kept[-1].rule)


def _numbered(kept: Sequence[RuleVersion], number: int) -> RuleVersion:
    for version in kept:
        if version.rule.version == number:
            return version
    there = ", ".join(str(version.rule.version) for version in kept)
    raise ConfigError((f"rule {kept[0].rule.name} has no version {number}; there are {there}",))


def _configured(config: Config, name: str) -> Rule:
    names = [rule.name for rule in config.rules]
    if name in names:
        return config.rules[names.index(name)]
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else "see `monitor rules list`"
    raise ConfigError((f"{config.file}: there is no rule {name!r}; {hint}",))
