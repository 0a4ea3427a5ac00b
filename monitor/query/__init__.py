"""The query language: tree, parser, evaluation, and what the indexes need of it."""

from monitor.query.compile import Required, required, to_fts
from monitor.query.evaluate import Document, evaluate
from monitor.query.parse import caret, parse
from monitor.query.tree import Node

__all__ = ["Document", "Node", "Required", "caret", "evaluate", "parse", "required", "to_fts"]
