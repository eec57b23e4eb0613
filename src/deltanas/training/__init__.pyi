from collections.abc import Callable, Mapping
from typing import Final

from deltanas.spaces import SearchSpace
from deltanas.training.data import Data as Data
from deltanas.training.data import Part as Part
from deltanas.training.data import make_data as make_data
from deltanas.training.inheritance import inherit as inherit
from deltanas.training.networks import NetworkTraining as NetworkTraining
from deltanas.training.project import SPACE_FILE as SPACE_FILE
from deltanas.training.project import Named as Named
from deltanas.training.project import Project as Project
from deltanas.training.project import is_reference as is_reference
from deltanas.training.recipe import Recipe as Recipe
from deltanas.training.recipe import usual_recipe as usual_recipe
from deltanas.training.sources import SOURCES as SOURCES
from deltanas.training.sources import load_data as load_data

SPACES: Final[Mapping[str, Callable[[], SearchSpace]]]
