"""Real trainings: the user's own from a file, or the built-in loop on real data."""

from deltanas.training.project import Project, is_reference

__all__ = [
    "Project",
    "is_reference",
]
