import pytest

from deltanas.errors import ProtocolError
from deltanas.evaluation import FunctionEvaluator
from deltanas.testing.evaluators import proposal_of


def test_a_second_proposal_is_refused_with_the_number_of_the_first():
    evaluator = FunctionEvaluator(lambda _: 0.5)
    evaluator.submit(proposal_of(3))
    with pytest.raises(ProtocolError, match="got number 5 while number 3 waits; collect"):
        evaluator.submit(proposal_of(5))


def test_collecting_nothing_is_refused_with_advice():
    with pytest.raises(ProtocolError, match=r"nothing to collect; submit\(\) a proposal first"):
        FunctionEvaluator(lambda _: 0.5).collect()
