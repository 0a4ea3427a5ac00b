"""Language: which one a text is in, its words, and the keys that all forms of a word share."""

from monitor.language.analyse import Analyser, Words, split_words
from monitor.language.concepts import Concept, Concepts, ConceptTerm, terms_of
from monitor.language.detect import UNKNOWN, Detector
from monitor.language.dictionary import missing_lists
from monitor.language.fold import fold
from monitor.language.forms import EXACT, EXPECTED, WordForms
from monitor.language.senses import Sense
from monitor.language.statistics import Statistics

__all__ = [
    "EXACT",
    "EXPECTED",
    "UNKNOWN",
    "Analyser",
    "Concept",
    "ConceptTerm",
    "Concepts",
    "Detector",
    "Sense",
    "Statistics",
    "WordForms",
    "Words",
    "fold",
    "missing_lists",
    "split_words",
    "terms_of",
]
