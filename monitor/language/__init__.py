"""Language: which one a text is in, its words, and the keys that all forms of a word share."""

from monitor.language.analyse import Analyser, Words, split_words
from monitor.language.concepts import Concept, Concepts, ConceptTerm, terms_of
from monitor.language.detect import UNKNOWN, Detector, script_for, script_of
from monitor.language.dictionary import missing_lists
from monitor.language.fold import INSIDE_WORDS, fold
from monitor.language.forms import EXACT, EXPECTED, SEARCHED, TREATED, WordForms, language_of_word, script_languages
from monitor.language.senses import Sense
from monitor.language.statistics import Statistics
from monitor.language.vocabulary import terms_in, version_of

__all__ = [
    "EXACT",
    "EXPECTED",
    "INSIDE_WORDS",
    "SEARCHED",
    "TREATED",
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
    "language_of_word",
    "missing_lists",
    "script_for",
    "script_languages",
    "script_of",
    "split_words",
    "terms_in",
    "terms_of",
    "version_of",
]
