"""A process that counts: run by test_metrics_processes.py, told what to do line by line. It answers END to each.

count N     N requests were answered
names N     N requests were answered under N routes of their own
fork        a process forked off this one counts a request, and ends
show        print all metrics
"""

import os
import sys

from aggregator import metrics

if "--start" in sys.argv:
    metrics.start()
    print(os.environ["PROMETHEUS_MULTIPROC_DIR"], flush=True)

for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word == "count":
        for _ in range(int(rest)):
            metrics.answered("/latest.atom", "GET", 200, 0.001)
    elif word == "names":
        for number in range(int(rest)):
            metrics.answered(f"/{os.getpid()}/{number}", "GET", 200, 0.001)
    elif word == "fork":
        child = os.fork()
        if not child:
            metrics.answered("/latest.atom", "GET", 200, 0.001)
            os._exit(0)
        os.waitpid(child, 0)
    elif word == "show":
        print(metrics.exposition(None)[0].decode())
    print("END", flush=True)
