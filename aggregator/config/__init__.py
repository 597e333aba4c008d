"""The configuration: `config.yaml` → `Config`, or every problem in it at once, each with its line and its remedy."""

from .crontab import Crontab
from .folders import check_folders
from .loader import load_config, parse_config
from .models import Config, Feeds, Server, Site, SourceConfig, SourceOptions
from .names import parse_language
from .options import Option, options
from .problem import ConfigProblem

__all__ = [
    "Config",
    "ConfigProblem",
    "Crontab",
    "Feeds",
    "Option",
    "Server",
    "Site",
    "SourceConfig",
    "SourceOptions",
    "check_folders",
    "load_config",
    "options",
    "parse_config",
    "parse_language",
]
