"""The configuration: config.yaml, the environment, and nothing else."""

from monitor.config.changes import changes
from monitor.config.edit import add_include, add_sources
from monitor.config.entry import line_of
from monitor.config.glossary import shipped_glossary
from monitor.config.included import included_names
from monitor.config.load import load
from monitor.config.naming import Known, NewSource
from monitor.config.outlets import outlet_packs
from monitor.config.pack import Pack, Packed, check_pack, read_pack
from monitor.config.places import likely_data_folder
from monitor.config.queries import Queries
from monitor.config.shipped import cache_folder, child_environment, failpoints, shipped_config, write_default
from monitor.config.supervision import Supervision, supervision
from monitor.config.values import Config, KnownSpiders

__all__ = [
    "Config",
    "Known",
    "KnownSpiders",
    "NewSource",
    "Pack",
    "Packed",
    "Queries",
    "Supervision",
    "add_include",
    "add_sources",
    "cache_folder",
    "changes",
    "check_pack",
    "child_environment",
    "failpoints",
    "included_names",
    "likely_data_folder",
    "line_of",
    "load",
    "outlet_packs",
    "read_pack",
    "shipped_config",
    "shipped_glossary",
    "supervision",
    "write_default",
]
