"""The programs of others that are measured beside ours, or measure it: Debian's packages, installed when missing."""

import os
import shutil
import subprocess
import sys


def ensure(*names: str) -> None:
    """Make sure of programs whose packages have their names. Ends the process where they cannot be installed."""
    missing = [name for name in names if not shutil.which(name)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"install {', '.join(missing)} first; as root, on Debian, this is done for you")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", "-qq", *words], check=True, env=environ, stdout=subprocess.DEVNULL)
