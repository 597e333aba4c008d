"""What the service promises, tried by breaking it: `python -m torture [--short] [--seed N] [part…]`.

A part is a module with

    LIMITS = 60, 900                                 seconds that the short and the long form may take at most
    def run(short: bool, report: Report) -> None     does its harm and reports figures

and its name in `__main__.PARTS`. See `report` for figures, promises and seeds.
"""
