"""Whether the spiders that a configuration names are there: asked of a child, which alone imports them."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys

from monitor.config import Config, child_environment

_ASK = "from monitor.collect.crawl.catalogue import main; main()"
_LONGEST = 60


def spider_problems(config: Config) -> list[str]:
    """Give what is wrong with the spiders of the configuration, a line each; asks nobody where none is named."""
    wanted = [(source.name, source.spider) for source in config.sources if source.spider]
    if not wanted and not config.spiders:
        return []
    answer = subprocess.run(  # noqa: S603 - our own interpreter, and folders as arguments
        [sys.executable, "-P", "-c", _ASK, *map(str, config.spiders)],
        capture_output=True,
        env=child_environment(os.environ),
        timeout=_LONGEST,
        check=False,
    )
    if answer.returncode != 0:
        return [
            f"{config.file}: spiders: they cannot be read: {answer.stderr.decode('utf-8', 'replace').strip()[-300:]}"
        ]
    told = json.loads(answer.stdout)
    problems = [
        f"{config.file}: spiders: {line}; mend the file, or take it out of the folder" for line in told["broken"]
    ]
    for source, spider in wanted:
        if spider not in told["spiders"]:
            near = difflib.get_close_matches(spider, told["spiders"], 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(told['spiders'])}"
            problems.append(f"{config.file}: source {source}: no spider has name = {spider!r}; {hint}")
    return problems
