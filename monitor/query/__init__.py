"""The query language: tree, parser, evaluation, and what the indexes need of it."""

from monitor.query.check import facet_values
from monitor.query.document import Document
from monitor.query.evaluate import Reading, Standing, evaluate
from monitor.query.facets import folded
from monitor.query.fts import to_fts
from monitor.query.index import Index
from monitor.query.lexicon import Lexicon
from monitor.query.parse import Parser, caret, parse
from monitor.query.tokens import hints
from monitor.query.tree import Node, Or, Term, terms

__all__ = [
    "Document",
    "Index",
    "Lexicon",
    "Node",
    "Or",
    "Parser",
    "Reading",
    "Standing",
    "Term",
    "caret",
    "evaluate",
    "facet_values",
    "folded",
    "hints",
    "parse",
    "terms",
    "to_fts",
]
