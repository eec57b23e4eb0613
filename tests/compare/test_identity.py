import numpy as np
from optuna.samplers import TPESampler

from deltanas.compare.identity import RawSpace
from deltanas.compare.peers.optuna_tpe import OptunaContestant
from deltanas.spaces import BlockSpace, NasBench201


def test_equal_codes_alone_are_one_architecture():
    space = RawSpace(NasBench201())
    # The last edge alone leads nowhere without an input: both cells compute nothing.
    twins = space.from_codes(np.array([[0, 0, 0, 0, 0, 3], [0, 0, 0, 0, 0, 2]], dtype=np.int32))
    assert [each.key for each in twins] == ["0,0,0,0,0,3", "0,0,0,0,0,2"]
    assert len(set(space.inner.keys(np.array([each.code for each in twins])))) == 1


def test_architectures_are_written_and_read_in_the_notation_of_the_field():
    space = NasBench201()
    raw = RawSpace(space)
    text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|"
    assert raw.write(raw.read(text)) == text
    assert raw.read(text).code == space.read(text).code


def test_decisions_that_come_and_go_do_so_for_every_searcher():
    space = BlockSpace(
        {"layers": (1, 2), "heads 1": (1, 2, 4), "heads 2": (1, 2, 4)},
        conditions={"heads 2": "layers >= 2"},
    )
    raw = RawSpace(space)
    # One layer: 3 ways; two layers: 9.
    assert len(raw.all_codes()) == 12
    assert np.array_equal(raw.all_codes(), space.all_codes())
    peer = OptunaContestant(raw, TPESampler(seed=4))
    assert {each["layers"] for _ in range(12) for each in peer.ask(1)} == {1, 2}
