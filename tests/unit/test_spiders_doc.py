"""What docs/spiders.md says is so."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import click
import pytest
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.spider import iter_spider_classes

from monitor.cli.root import cli
from monitor.config import load
from monitor.model import Draft
from tests.factories import source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spiders.md").read_text(encoding="utf-8")
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FRONT = """
<table class="latest">
  <tr><td class="hour" data-time="2026-11-24T09:30+04:00">09:30</td>
      <td class="headline"><a href="/a/1">Snow closes
        the <b>northern</b> road</a></td></tr>
  <tr><td class="hour"></td><td class="headline"><a href="https://echo.example/a/2#top">Школа снова открыта</a></td></tr>
  <tr><td class="hour">soon</td><td class="headline">A row without a link</td></tr>
</table>
<a class="evening" href="evening">Evening edition</a>
"""


@pytest.mark.parametrize("block", YAML)
def test_every_piece_of_configuration_is_right(block: str, tmp_path: Path) -> None:
    (tmp_path / "my-spiders").mkdir()
    (tmp_path / "config.yaml").write_text("channels: {desk: {type: maildir}}\n" + block, encoding="utf-8")
    config = load(tmp_path / "config.yaml", environ={})
    assert len(config.sources) == 1


def test_the_example_spider_reads_its_page() -> None:
    (code,) = PYTHON
    module = ModuleType("mountain_echo")
    exec(compile(code, "mountain_echo.py", "exec"), module.__dict__)
    (spider,) = iter_spider_classes(module)
    assert spider.name == "mountain-echo"
    made = spider(source=source(start=("https://echo.example/latest",)))
    response = HtmlResponse("https://echo.example/latest", body=FRONT, encoding="utf-8")
    found = list(made.parse(response))
    assert [item.url for item in found if isinstance(item, Request)] == ["https://echo.example/evening"]
    assert [item for item in found if isinstance(item, Draft)] == [
        Draft(
            url="https://echo.example/a/1",
            title="Snow closes the northern road",
            published_at=datetime(2026, 11, 24, 5, 30, tzinfo=UTC),
        ),
        Draft(url="https://echo.example/a/2", title="Школа снова открыта"),
        Draft(),  # dropped where all spiders' drafts are
    ]


def test_the_example_is_as_short_as_it_says() -> None:
    assert len(PYTHON[0].splitlines()) <= 30


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", PAGE))))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / "docs" / target).exists()


def test_every_command_it_shows_exists_with_its_options() -> None:
    """Each line of the shell examples names a command, and only options that it has."""
    shown = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    assert len(shown) > 4
    for line in shown:
        words = shlex.split(line, comments=True)
        assert words.pop(0) == "monitor"
        command: click.Command | None = cli
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, line
        options = {option for param in command.params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_word_for_an_error_that_it_explains_is_one_of_ours() -> None:
    named = set(re.findall(r"\*\*`([a-z_]+)[`:]", PAGE)) | {"not_a_page"}
    assert len(named) > 3
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "monitor").rglob("*.py"))
    assert {word for word in named if f'"{word}"' not in code} == set()
