"""The space of NAS-Bench-101 needs no table to keep to the contract."""

from deltanas.spaces import NasBench101
from deltanas.testing import SpaceContract


class TestNasBench101(SpaceContract):
    def make(self):
        return NasBench101()
