"""Files of NAS-Bench-201's authors, written as their own programmes do; see the importers."""

import bz2
import pickle
from collections import OrderedDict

import numpy as np

TRAINED_ON = ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120")
EVALUATED_ON = {
    "cifar10-valid": ("x-valid", "ori-test"),
    "cifar10": ("ori-test",),
    "cifar100": ("ori-test", "x-valid", "x-test"),
    "ImageNet16-120": ("ori-test", "x-valid", "x-test"),
}
FLOP = np.float64(15.64737)
CELL = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|nor_conv_3x3~1|skip_connect~2|"


def result(training_set, seed, accuracies, *, epochs=200, seconds=7.5, latency=0.0125, flop=FLOP):
    """What is recorded of one training; accuracies in per cent by what they were measured on."""
    last = epochs - 1
    return {
        "name": training_set,
        "net_state_dict": None,
        "train_acc1es": OrderedDict({0: 30.5, last: 99.25}),
        "train_acc5es": None,
        "train_losses": {last: 0.01},
        "train_times": None if seconds is None else OrderedDict({0: seconds, last: seconds}),
        "arch_config": {"channel": 16, "num_cells": 5, "class_num": 10},
        "params": 0.129306,
        "flop": flop,
        "seed": seed,
        "epochs": epochs,
        "latency": [latency, 3 * latency],
        "eval_names": list(accuracies),
        "eval_acc1es": {f"{name}@{last}": value for name, value in accuracies.items()},
        "eval_times": {},
        "eval_losses": {},
    }


def records(number, cell, results):
    """What is recorded of a cell for one number of epochs."""
    seeds = {}
    for training_set, seed in results:
        seeds.setdefault(training_set, []).append(seed)
    return {
        "arch_index": number,
        "arch_str": cell,
        "all_results": results,
        "dataset_seed": seeds,
        "clear_net_done": True,
    }


def some_results(base, *, seeds=(777, 888), epochs=200):
    """Trainings on all sets; accuracies differ by set, split and seed."""
    return {
        (name, seed): result(
            name,
            seed,
            {
                split: base + place + 0.25 * at + (seed - 777) / 1000
                for at, split in enumerate(EVALUATED_ON[name])
            },
            epochs=epochs,
        )
        for place, name in enumerate(TRAINED_ON)
        for seed in seeds
    }


def write_archive(folder, cells):
    """The folder of NATS-Bench for these cells, whose n-th has base accuracy 40 + n."""
    folder.mkdir(parents=True)
    meta = {
        "meta_archs": cells,
        "total_archs": len(cells),
        "arch2infos": None,
        "evaluated_indexes": set(),
    }
    _pack(folder / "meta.pickle.pbz2", meta)
    for number, cell in enumerate(cells):
        short = records(number, cell, some_results(20 + number, seeds=(777,), epochs=12))
        long = records(number, cell, some_results(40 + number))
        _pack(folder / f"{number:06d}.pickle.pbz2", OrderedDict({"12": short, "200": long}))


def _pack(path, value):
    with bz2.BZ2File(path, "wb") as file:
        pickle.dump(value, file, protocol=4)


def replace(path, change):
    """Change the value in one file of an archive."""
    with bz2.BZ2File(path) as file:
        value = pickle.load(file)
    _pack(path, change(value) or value)
