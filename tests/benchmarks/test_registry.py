import pytest

from deltanas import benchmarks
from deltanas.errors import UnknownNameError


def test_names_are_those_of_all_tables():
    assert benchmarks.names() == (
        "nasbench201:cifar10",
        "nasbench201:cifar100",
        "nasbench201:imagenet16-120",
        "nasbench201-classes:cifar10",
        "nasbench201-classes:cifar100",
        "nasbench201-classes:imagenet16-120",
        "nasbench101",
        "nasbench101-validation",
        "nasbench-graph:cora",
        "nasbench-graph:citeseer",
        "nasbench-graph:pubmed",
        "nasbench-graph:cs",
        "nasbench-graph:physics",
        "nasbench-graph:photo",
        "nasbench-graph:computers",
        "nasbench-graph:arxiv",
        "transnas-micro:class_scene",
        "transnas-micro:class_object",
        "transnas-micro:room_layout",
        "transnas-micro:jigsaw",
        "transnas-micro:segmentsemantic",
        "transnas-micro:normal",
        "transnas-micro:autoencoder",
        "fcnet:protein_structure",
        "fcnet:slice_localization",
        "fcnet:naval_propulsion",
        "fcnet:parkinsons_telemonitoring",
        "hpobench-mlp:phoneme",
        "hpobench-mlp:vehicle",
        "hpobench-mlp:segment",
        "hpobench-mlp:car",
        "hpobench-mlp:australian",
        "hpobench-mlp:kc1",
        "hpobench-mlp:credit_g",
        "hpobench-mlp:blood_transfusion",
        "nasbench301",
        "hwgpt:s",
        "hwgpt:m",
        "hwgpt:l",
        "ofa-mobilenetv3",
    )


def test_a_family_is_found_by_its_own_and_its_benchmarks_names():
    for name in benchmarks.names():
        family = benchmarks.family(name)
        assert name in family.names
        assert family is benchmarks.family(family.name)
        assert family.citation
        assert family.licence


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nasbench201:cifar", "'nasbench201' has no data set 'cifar'; did you mean 'cifar10'"),
        ("nasbench201:CIFAR100", "no data set 'CIFAR100'; did you mean 'cifar100' or 'cifar10'?"),
        ("nasbench201:imagenet", "did you mean 'imagenet16-120'?"),
        ("nasbench201:mnist", "no data set 'mnist'; its data sets are cifar10, cifar100, imagenet"),
        ("nasbench201:", "no data set ''; its data sets are"),
        ("nasbench21:cifar10", "there is no benchmark 'nasbench21'; did you mean 'nasbench201'"),
        ("NASBench201:cifar10", "did you mean 'nasbench201'"),
        ("nasbench-graph:proteins", "no data set 'proteins'; its data sets are cora, citeseer"),
        ("transnas-micro:scene", "did you mean 'class_scene'?"),
        ("xyz", "there is no benchmark 'xyz'; benchmarks are nasbench201, nasbench201-classes, "),
        ("", "there is no benchmark ''; benchmarks are"),
        (
            "nasbench201",
            "name ends in a data set, got 'nasbench201'; names are nasbench201:cifar10",
        ),
    ],
)
def test_an_unknown_name_is_refused_and_near_names_are_offered(name, words):
    with pytest.raises(UnknownNameError) as error:
        benchmarks.load(name)
    assert words in str(error.value)
