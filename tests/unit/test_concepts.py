"""Concepts in config.yaml and in the shipped packs: what they hold, how they are put together, and what mistakes say."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load, shipped_glossary
from monitor.config.glossary import packs
from monitor.config.nodes import read
from monitor.errors import ConfigError
from monitor.language import EXPECTED, Concept, ConceptTerm, Sense, terms_of

_REST = "contact: a@example.org\nchannels:\n  desk: {type: maildir, path: mail}\n"
_SHIPPED = {concept.name: concept for concept in shipped_glossary()}


def _file(folder: Path, concepts: str, name: str = "config.yaml") -> Path:
    file = folder / name
    file.write_text((_REST if name == "config.yaml" else "") + concepts, encoding="utf-8")
    return file


def _concepts(folder: Path, text: str) -> dict[str, Concept]:
    return {concept.name: concept for concept in load(_file(folder, text), environ={}).glossary}


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(_file(folder, text), environ={})
    return [problem.removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_a_concept_is_its_words_in_some_languages_and_in_any(tmp_path: Path) -> None:
    """A word may stand alone or in a list, and may say how widely it is meant."""
    text = """
concepts:
  gas:
    note: The pipe, not the fuel station.
    en: pipeline
    ru: [газопровод, {term: труба, forms: exact}]
    any: [TAP]
"""
    gas = _concepts(tmp_path, text)["gas"]
    assert gas.note == "The pipe, not the fuel station."
    assert gas.origin == str(tmp_path / "config.yaml")
    assert gas.terms == (
        ConceptTerm(text="pipeline", lang="en"),
        ConceptTerm(text="газопровод", lang="ru"),
        ConceptTerm(text="труба", lang="ru", sense=Sense.EXACT),
        ConceptTerm(text="TAP"),
    )


def test_a_term_may_be_the_beginning_of_words(tmp_path: Path) -> None:
    """For languages whose forms are not known."""
    text = "concepts:\n  pow: {uk: ['військовополонен* солдат*']}\n"
    assert _concepts(tmp_path, text)["pow"].terms == (ConceptTerm(text="військовополонен* солдат*", lang="uk"),)


def test_forms_of_a_concept_hold_for_its_words_that_say_nothing_else(tmp_path: Path) -> None:
    text = "concepts:\n  arrest: {forms: noun, ru: [арест, {term: арестовать, forms: all}]}\n"
    terms = _concepts(tmp_path, text)["arrest"].terms
    assert [term.sense for term in terms] == [Sense.NOUN, Sense.ALL]


def test_a_concept_takes_in_others_each_word_once(tmp_path: Path) -> None:
    text = "concepts:\n  held: {include: [mine_workers, hostage], en: [hostage]}\n  mine_workers: {en: [miner]}\n"
    words = [term.text for term in _concepts(tmp_path, text)["held"].terms if term.lang == "en"]
    assert words[:2] == ["hostage", "miner"]
    assert "заложник" in [term.text for term in _concepts(tmp_path, text)["held"].terms]


def test_a_concept_of_a_shipped_name_replaces_it_and_says_so(tmp_path: Path) -> None:
    """Groups that take it in take the new one; a warning tells how to add instead."""
    config = load(_file(tmp_path, "concepts:\n  captive: {en: [hostage]}\n"), environ={})
    assert config.concepts["captive"] == (ConceptTerm(text="hostage", lang="en"),)
    assert "плен" not in [term.text for term in config.concepts["prisoners"]]
    assert config.warnings == (
        "concepts: captive replaces the shipped concept of this name; with extend: true it would add to its words",
    )
    meant = load(_file(tmp_path, "concepts:\n  captive: {en: [hostage], extend: false}\n"), environ={})
    assert meant.warnings == ()


def test_a_concept_may_extend_the_shipped_one(tmp_path: Path) -> None:
    text = "concepts:\n  prisoners: {extend: true, en: [jailbird]}\n"
    config = load(_file(tmp_path, text), environ={})
    assert ConceptTerm(text="jailbird", lang="en") in config.concepts["prisoners"]
    assert set(config.concepts["prisoners"]) > set(_SHIPPED["prisoners"].terms)
    assert config.warnings == ()


def test_included_files_hold_concepts_that_keep_their_own_lines(tmp_path: Path) -> None:
    _file(tmp_path, "concepts:\n  gas: {en: [pipeline]}\n", "more.yaml")
    assert "gas" in _concepts(tmp_path, "include: [./more.yaml]\nconcepts: {oil: {en: [tanker]}}\n")
    _file(tmp_path, "concepts:\n  gas:\n    en: [pipeline]\n    ru: [x, '(']\n", "more.yaml")
    (told,) = _problems(tmp_path, "include: [./more.yaml]\n")
    assert told.startswith("more.yaml:4: concepts.gas.ru[1].term: '(' is no word")
    _file(tmp_path, "concepts:\n  oil: {en: [well]}\n", "more.yaml")
    (told,) = _problems(tmp_path, "include: [./more.yaml]\nconcepts: {oil: {en: [tanker]}}\n")
    assert told.startswith("more.yaml:2: concepts.oil: this concept stands in ")
    _file(tmp_path, "concepts: [oil]\n", "more.yaml")
    assert _problems(tmp_path, "include: [./more.yaml]\n") == [
        "more.yaml:1: concepts: this must be a mapping: key: value"
    ]


def test_a_shipped_pack_may_be_included_by_name(tmp_path: Path) -> None:
    """It is known anyway; a name that is none says which there are."""
    assert set(_concepts(tmp_path, "include: [caucasus]\n")) == set(_SHIPPED)
    assert "only caucasus and conflict" in _problems(tmp_path, "include: [atlantis]\n")[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("  gas: {inclued: [x], en: [gas]}", "config.yaml:5: concepts.gas.inclued: 'inclued' is no language; did you mean include?"),
        ("  gas: {english: [gas]}", "'english' is no language; write a language code such as en or ru, or any"),
        ("  gas: {en: [gas], include: [prisonrs]}", "there is no concept 'prisonrs'; did you mean prisoners?"),
        ("  gas: {en: [gas], include: [xyzzy]}", "there is no concept 'xyzzy'; `monitor concepts list` shows all there are"),
        ("  gas: {en: [gas], extend: true}", "there is no shipped concept 'gas' to extend"),
        ("  gas: {note: nothing yet}", "concepts.gas: this concept has no words"),
        ("  gas: {include: [oil]}\n  oil: {include: [gas]}", "gas includes oil includes gas; take one of them out"),
        ("  gas: {en: ['a OR (b)']}", "( belongs in queries, remove it"),
        ("  gas: {en: ['g*s']}", "* belongs in queries, remove it"),
        ("  gas: {en: ['g* pipe']}", "* belongs in queries, remove it"),
        ("  gas: {en: [12]}", "12 is no word or phrase"),
        ("  gas: {en: [{term: gas, forms: nuon}]}", "concepts.gas.en[0].forms: 'nuon' is not possible here; write all, noun or exact"),
        ("  gas: {en: [{term: gas, form: noun}]}", "there is no such key here; did you mean forms?"),
        ("  gas: {en: [{forms: noun}]}", "concepts.gas.en[0].term: this key is missing; add it"),
        ("  gas: [pipeline]", "concepts.gas: this must be a mapping"),
        ("  'my gas': {en: [gas]}", "'my gas' is no name of a concept"),
    ],
)  # fmt: skip # a table
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(text: str, problem: str, tmp_path: Path) -> None:
    told = _problems(tmp_path, f"concepts:\n{text}\n")
    assert any(problem in line for line in told), told
    assert all(line.startswith(("config.yaml:5: concepts", "config.yaml:6: concepts")) for line in told)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("    query: @prisoners AND @exchange", "@prisoners AND @exchange"),
        ("    query:   @prisoners   # all of them", "@prisoners"),
        ("    more: {query: @prisoners OR @hostage, to: [desk]}", "@prisoners OR @hostage"),
    ],
)
def test_a_concept_without_quotes_is_told_with_its_line(line: str, value: str, tmp_path: Path) -> None:
    """YAML gives @ no meaning, and refuses a plain value that begins with it."""
    rule = f"rules:\n  - name: swap\n{line}\n    to: [desk]\n"
    assert _problems(tmp_path, rule) == [
        f"config.yaml:6: a value that begins with @ needs quotes round it; write '{value}'"
    ]


def test_the_packs_hold_every_concept_in_every_language() -> None:
    """All 31 of the glossary, the groups, and the town of two names."""
    assert len(_SHIPPED) == 35
    for concept in _SHIPPED.values():
        assert {term.lang for term in concept.terms} == set(EXPECTED), concept.name
    assert {"prisoners", "peacekeepers", "ceasefire", "exchange", "stepanakert"} <= set(_SHIPPED)
    assert packs() == ("caucasus", "conflict")


def test_groups_take_in_what_belongs_to_them() -> None:
    """The group ceasefire is the concept of that name and truces with it."""
    held = {"prisoner_of_war", "captive", "prisoner_inmate", "political_prisoner", "detainee"}
    assert set(_SHIPPED["prisoners"].include) == held
    terms = terms_of(_SHIPPED.values())
    assert {term.text for term in terms["ceasefire"]} >= {"ceasefire", "truce", "перемирие", "atəşkəs"}
    assert set(terms["exchange"]) == set(terms["prisoner_exchange"])
    assert set(terms["peacekeepers"]) == {*terms["peacekeeper"], *terms["peacekeeping_mission"]}


def test_names_that_are_contested_are_there_in_each_form_and_explained() -> None:
    names = {term.text for concept in ("karabakh", "stepanakert") for term in _SHIPPED[concept].terms}
    assert names >= {"Nagorno-Karabakh", "Artsakh", "Qarabağ", "Stepanakert", "Khankendi", "Xankəndi", "Ստեփանակերտ"}
    for concept in ("karabakh", "stepanakert", "lachin_corridor"):
        assert len(_SHIPPED[concept].note or "") > 100


def test_the_packs_are_files_as_a_person_would_write_them(tmp_path: Path) -> None:
    """Each is read like an included file, and has no mistake."""
    folder = Path(__file__).parents[2] / "monitor" / "language" / "packs"
    for pack in packs():
        text = (folder / f"{pack}.yaml").read_text(encoding="utf-8")
        assert read(text.encode()).problems == []
        extended = text.replace("    note:", "    extend: false\n    note:")
        assert set(_concepts(tmp_path, extended)) == set(_SHIPPED)
