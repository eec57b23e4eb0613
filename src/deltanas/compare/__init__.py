"""Comparison of methods under one protocol.

`plan` says what will run, `workers` runs it over processes, each run being one `race` of a
`contestant` on a `problem`; `results` keeps runs on disk, `summary` reads them, and `tables`
and `outputs` write what people see. Who can take part is in `roster`, with which `settings`, each
peer in `peers`.
"""
