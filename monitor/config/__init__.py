"""The configuration: config.yaml, the environment, and nothing else."""

from monitor.config.glossary import shipped_glossary
from monitor.config.load import load
from monitor.config.queries import Queries
from monitor.config.shipped import cache_folder, child_environment, failpoints, shipped_config, write_default
from monitor.config.values import Config, KnownSpiders

__all__ = [
    "Config",
    "KnownSpiders",
    "Queries",
    "cache_folder",
    "child_environment",
    "failpoints",
    "load",
    "shipped_config",
    "shipped_glossary",
    "write_default",
]
