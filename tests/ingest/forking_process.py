"""A process with one thread, whose files are read by forks of it. Prints what it saw; see test_pool.py."""

import sys
from pathlib import Path

from aggregator import pool
from aggregator.pool import begin
from tests.ingest.test_pool import Folder

folder = Folder(Path(sys.argv[1]))
print("one thread:", begin.has_one_thread())
with pool.begun_early():
    process = pool._early[0]._process
    found = folder.elsewhere()
print("a fork:", isinstance(process, begin._Forked))
print("the same:", found == folder.here())
print("ended:", not Path(f"/proc/{process.pid}").exists())
