"""What all groups of options have in common."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """Options that stand together in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


def option(default: Any, description: str, example: str) -> Any:
    """An option that need not be given; `default` and `example` are as a user would write them."""
    return Field(default, description=description, examples=[example])


def base_folder(context: Any) -> Path:
    """The folder that relative paths count from: the config file's own, symbolic links not resolved."""
    return Path(context["file"]).absolute().parent if context else Path.cwd()
