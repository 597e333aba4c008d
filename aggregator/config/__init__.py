"""The configuration: `config.yaml` → `Config`, or every problem in it at once, each with its line and its remedy."""

from .crontab import Crontab
from .folders import check_folders
from .loader import load_config, parse_config, read_config
from .models import Config, CustomFeed, Feeds, Server, Site
from .names import parse_language
from .options import Option, options
from .patterns import Pattern
from .problem import ConfigProblem
from .salvage import salvage_store
from .sources import SourceConfig, SourceOptions

__all__ = [
    "Config",
    "ConfigProblem",
    "Crontab",
    "CustomFeed",
    "Feeds",
    "Option",
    "Pattern",
    "Server",
    "Site",
    "SourceConfig",
    "SourceOptions",
    "check_folders",
    "load_config",
    "options",
    "parse_config",
    "parse_language",
    "read_config",
    "salvage_store",
]
