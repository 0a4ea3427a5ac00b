"""`monitor concepts list`: the words that a rule asks for by `@name`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import click

from monitor.cli.options import DEFAULT_CONFIG, Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.config import shipped_glossary
from monitor.language import Concept, ConceptTerm, Sense

_ANY = "any"


@click.group()
def concepts() -> None:
    """The concepts that rules may name: @prisoners and others."""


@concepts.command(
    "list",
    epilog="""\b
Examples:
  monitor concepts list
  monitor concepts list prisoners
  monitor concepts list --json""",
)
@placed
@click.argument("name", required=False)
@json_option
def list_concepts(place: Place, name: str | None, *, as_json: bool) -> None:
    """List every concept with the number of its words, or one with its words by language, its note and its source.

    Without a config.yaml these are the shipped ones alone. `from` is the shipped pack or the file that it stands in;
    (noun) and (exact) say that a word is meant narrowly, and + names a concept that is taken in.
    """
    nowhere = place.config == DEFAULT_CONFIG and not place.config.exists()
    known = shipped_glossary() if nowhere else place.load().glossary
    chosen = [concept for concept in known if name in {None, concept.name}]
    if not chosen:
        near = difflib.get_close_matches(str(name), [concept.name for concept in known], 1)
        hint = f"did you mean {near[0]}?" if near else "see `monitor concepts list`"
        raise click.BadParameter(f"there is no concept {name!r}; {hint}", param_hint="NAME")
    if as_json:
        print_json(map(_row, chosen))
    elif name is None:
        _print_all(chosen)
    else:
        _print_one(chosen[0])


def _row(concept: Concept) -> dict[str, object]:
    return {
        "concept": concept.name,
        "from": concept.origin,
        "note": concept.note,
        "include": list(concept.include),
        "terms": [{"term": term.text, "language": term.lang or _ANY, "forms": term.sense} for term in concept.terms],
    }


def _print_all(concepts: Iterable[Concept]) -> None:
    rows = [
        (f"@{concept.name}", len(concept.terms), _languages(concept.terms), concept.include, concept.origin)
        for concept in concepts
    ]
    print_table(("concept", "words", "languages", "takes in", "from"), rows)
    click.echo(counted(len(rows), "concept") + "; `monitor concepts list NAME` shows the words of one")


def _print_one(concept: Concept) -> None:
    click.echo(f"@{concept.name}, from {concept.origin}")
    if concept.note:
        click.echo(concept.note)
    rows = [
        (lang, ", ".join(_written(term) for term in concept.own if (term.lang or _ANY) == lang))
        for lang in _languages(concept.own)
    ]
    rows += [("+", f"@{included}") for included in concept.include]
    print_table(("language", "words"), rows)
    click.echo(counted(len(concept.terms), "word") + (" with those taken in" if concept.include else ""))


def _languages(terms: Iterable[ConceptTerm]) -> list[str]:
    return list(dict.fromkeys(term.lang or _ANY for term in terms))


def _written(term: ConceptTerm) -> str:
    return term.text if term.sense is Sense.ALL else f"{term.text} ({term.sense})"
