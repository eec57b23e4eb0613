import optuna
from optuna.samplers import TPESampler

from deltanas.compare.peers.optuna_tpe import OptunaContestant
from deltanas.spaces import BlockSpace


def test_optuna_as_a_peer_says_nothing_and_leaves_its_verbosity_alone(capsys):
    before = optuna.logging.get_verbosity()
    space = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")})
    peer = OptunaContestant(space, TPESampler(seed=4))
    for architecture in peer.ask(2):
        peer.tell(architecture, 0.5)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert optuna.logging.get_verbosity() == before == optuna.logging.INFO
