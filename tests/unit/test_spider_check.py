"""What is told of spiders before anything starts: by `check`, `run` and `collect`, each with file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.app import read_spiders
from monitor.config import KnownSpiders, load
from monitor.errors import ConfigError
from tests.unit.test_cli import call

CONFIG = """\
contact: a@example.org
languages: [en]
spiders: [mine]
channels: {desk: {type: maildir, path: mail}}
rules: [{name: prisoners, query: prisoner, to: [desk]}]
sources:
  - name: echo
    outlet: Echo
    spider: mountain-echo
    start: ["https://echo.example/"]
"""
SPIDER = (
    "import scrapy\n\nclass Echo(scrapy.Spider):\n    name = 'mountain-echo'\n\n"
    "    def parse(self, response):\n        return []\n"
)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Give a person's own folder, with one good spider, beside a configuration that uses it."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "echo.py").write_text(SPIDER)
    return folder


def problems(command: str, mine: Path, text: str = CONFIG) -> list[str]:
    """Run a command on a configuration; give what it tells, with the folder left out."""
    file = mine.parent / "config.yaml"
    file.write_text(text)
    result = call(command, "--config", str(file))
    assert result.exit_code in {0, 78}, result.output
    assert "Traceback" not in result.output
    return result.stderr.replace(f"{mine.parent}/", "").splitlines() if result.exit_code else []


@pytest.mark.slow
def test_what_is_right_is_right_and_a_spider_may_replace_a_sites_built_in_one(mine: Path) -> None:
    (mine / "jamnews.py").write_text(SPIDER.replace("mountain-echo", "jamnews"))
    assert problems("check", mine) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "run", "collect"])
def test_a_mistyped_spider_is_told_with_its_line_and_nothing_starts(command: str, mine: Path) -> None:
    """Beside every other mistake of the file, and of a file that cannot be read, in order; exit status 78."""
    (mine / "broken.py").write_text("import scrapy\n\nimport nothing_of_this_name\n")
    text = CONFIG.replace("spider: mountain-echo", "spider: mountain-ecko").replace("query: prisoner", "query: '('")
    config, line, broken = problems(command, mine, text)
    assert config.startswith("config.yaml:5: rules[0].query:")
    assert line == (
        "config.yaml:9: sources[0].spider: no spider has name = 'mountain-ecko'; did you mean mountain-echo?"
    )
    assert broken == (
        "mine/broken.py:3: ModuleNotFoundError: No module named 'nothing_of_this_name';"
        " mend the file, or take it out of the folder"
    )
    assert not (mine.parent / "data").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\ndef (", "mine/odd.py:2: SyntaxError: "),
        ("x = 1\n\nraise SystemExit('at import')\n", "mine/odd.py:3: SystemExit: at import; "),
        ("import sys\nsys.exit()\n", "mine/odd.py:2: SystemExit; "),
        ("x = '\0'", "mine/odd.py:1: "),
        ("def f():\n    raise ValueError('a\\nb')\nf()\n", "mine/odd.py:2: ValueError: a b; "),
        ("import os\nos._exit(0)\n", "mine/odd.py:1: it ends the program that reads it, with status 0"),
        ("print('{}')\n1 / 0\n", "mine/odd.py:2: ZeroDivisionError: division by zero; "),
        (
            "import scrapy\n\nclass Odd(scrapy.Spider):\n    name = 'odd'\n",
            "mine/odd.py:3: Odd has no parse(self, response); ",
        ),
        (SPIDER, "mine/odd.py:3: name = 'mountain-echo' is also the name in mine/echo.py:3; "),
        (
            SPIDER.replace("mountain-echo", "listing"),
            "mine/odd.py:3: name = 'listing' is the name of a built-in spider; ",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_the_line_that_is_wrong(text: str, told: str, mine: Path) -> None:
    """Whatever it raises, whether it ends the process, and when two spiders have one name: one line, no traceback."""
    (mine / "odd.py").write_text(text, encoding="utf-8")
    (line,) = problems("check", mine)
    assert line.startswith(told)


@pytest.mark.slow
def test_a_file_that_sleeps_when_it_is_read_is_named(mine: Path) -> None:
    (mine / "slow.py").write_text("import time\ntime.sleep(3600)\n")
    known = read_spiders([mine], environ=os.environ, longest=5.0)
    assert known.names is None
    (problem,) = known.problems
    assert problem.startswith(f"{mine}/slow.py:1: reading it takes longer than 5 s; ")


@pytest.mark.slow
def test_a_folder_of_the_working_directory_hides_no_built_in_spider(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "__init__.py").write_text("raise ImportError('the wrong one')\n")
    monkeypatch.chdir(tmp_path)
    known = read_spiders([mine], environ=os.environ)
    assert known.problems == ()
    assert set(known.names or ()) >= {"article", "jamnews", "listing", "mountain-echo", "sitemap"}


def test_the_line_is_that_of_the_file_which_was_included(mine: Path) -> None:
    """And where nobody could read the spiders, no name is called wrong."""
    file = mine.parent / "config.yaml"
    file.write_text(CONFIG.replace("spiders:", "include: [./more.yaml]\nspiders:"))
    (mine.parent / "more.yaml").write_text(
        'sources:\n  - {name: two, outlet: Two, start: ["https://two.example/"],\n     spider: nobody}\n'
    )
    with pytest.raises(ConfigError) as error:
        load(file, environ={}, spiders=lambda _: KnownSpiders(names=("mountain-echo",)))
    (problem,) = error.value.problems
    assert problem.startswith(f"{mine.parent}/more.yaml:3: sources[0].spider: no spider has name = 'nobody'")
    with pytest.raises(ConfigError) as error:
        load(file, environ={}, spiders=lambda _: KnownSpiders(names=None, problems=("mine/a.py:1: it is odd",)))
    assert error.value.problems == ("mine/a.py:1: it is odd",)


def test_nobody_is_asked_for_spiders_where_none_is_named(tmp_path: Path) -> None:
    """No process is started for a configuration of feeds, nor for a source that is not enabled."""

    def never(_: object) -> KnownSpiders:
        raise AssertionError

    file = tmp_path / "config.yaml"
    text = CONFIG.replace("spiders: [mine]\n", "").replace("outlet: Echo", "outlet: Echo\n    enabled: false")
    file.write_text(text)
    assert load(file, environ={}, spiders=never).sources == ()
