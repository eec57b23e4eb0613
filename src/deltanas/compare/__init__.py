"""Comparison of methods under one protocol.

`Contestant` is what a method of your own can be; a `Searcher` is one too.

`plan` says what will run, `workers` runs it over processes, each run being one `race` of a
`contestant` on a `problem`; `results` keeps runs on disk, `summary` reads them, and `tables`
and `outputs` write what people see. Who can take part is in `roster`, with which `settings`, each
peer in `peers`.
"""

from deltanas.compare.contestant import Contestant

__all__ = ["Contestant"]
