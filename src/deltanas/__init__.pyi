from deltanas.evaluation import Context as Context
from deltanas.limits import Limit as Limit
from deltanas.predictor import GaussianDelta as GaussianDelta
from deltanas.search import DeltaEvolution as DeltaEvolution
from deltanas.search import LocalSearch as LocalSearch
from deltanas.search import RandomSearch as RandomSearch
from deltanas.search import RegularizedEvolution as RegularizedEvolution
from deltanas.spaces import Architecture as Architecture
from deltanas.spaces import BlockSpace as BlockSpace
from deltanas.spaces import CellSpace as CellSpace
from deltanas.spaces import Edit as Edit
from deltanas.spaces import NasBench101 as NasBench101
from deltanas.spaces import NasBench201 as NasBench201
from deltanas.spaces import SearchSpace as SearchSpace
from deltanas.spaces.space_file import read_space as read_space
from deltanas.study import Study as Study

__version__: str
