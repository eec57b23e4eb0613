"""Importers: the authors' files of benchmarks, turned into canonical tables once."""

from deltanas.benchmarks.importers.importing import IMPORTERS, Importer, import_file

__all__ = ["IMPORTERS", "Importer", "import_file"]
