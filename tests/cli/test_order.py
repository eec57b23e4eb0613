import shlex

from deltanas.cli.order import Order, default_study


def test_the_command_repeats_what_differs_from_the_default():
    order = Order("a:b", 60, 3, "my runs/it's.db", "random", "one-run", "out dir", plain=True)
    assert shlex.split(order.command) == [
        *("deltanas", "search", "a:b", "--budget", "60", "--seed", "3"),
        *("--study", "my runs/it's.db", "--method", "random", "--signal", "one-run"),
        *("--out", "out dir", "--plain"),
    ]
    watched = Order("a:b", 60, 0, "x.db", callback="log.py:tell", tensorboard=True)
    assert shlex.split(watched.command)[-3:] == ["--callback", "log.py:tell", "--tensorboard"]
    assert order.with_budget(7).budget == 7
    assert Order("a:b", 60, 0, "x.db").command == (
        "deltanas search a:b --budget 60 --seed 0 --study x.db"
    )


def test_every_search_has_a_file_of_its_own_and_no_name_leads_elsewhere():
    assert default_study("nasbench201:cifar10", "random", "mean", 4) == (
        "runs/nasbench201-cifar10-random-4.db"
    )
    assert default_study("a:b", "m", "one-run", 0) == "runs/a-b-m-one-run-0.db"
    assert default_study("../../etc/x", "m", "mean", 0) == "runs/etc-x-m-0.db"
    plain, dotted = (default_study(each, "m", "mean", 0) for each in ("s.py:a", "./s.py:a"))
    assert plain == dotted == "runs/s.py-a-m-0.db"
