"""The user's own data: arrays in a .npz file, a table, a text, or a folder of images per class."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray
from PIL import Image

from deltanas.archives import UnreadableArchiveError, read_archive
from deltanas.errors import UnfitDataError
from deltanas.training.data import Data, make_data

SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
KINDS: Final = ("PNG", "JPEG", "BMP", "WEBP")
"""What may be in such a file: Pillow goes by the content, and for one kind starts a program."""
PARTS: Final = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""What folders of parts are called, in whatever case."""
SIXTEEN_BITS: Final = ("I;16", "I;16B", "I")
"""How Pillow calls grey images with 65,536 shades; older ones the last."""
BROKEN: Final = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What Pillow raises for images that are none; the second for a PNG that ends in other data."""

Array = Shaped[ndarray, "..."]


def read_npz(path: Path) -> Data:
    """Data from arrays `x` and `y`, and `x_test` and `y_test` where there is a test part.

    `x` of two dimensions holds sequences, `(examples, length)`; of three, grey images,
    `(examples, height, width)`; of four, images with channels first. Sequences with several
    channels are four-dimensional with a height of 1. Nothing in the file is executed.

    Raises:
        UnfitDataError: It cannot be read, lacks an array, or cannot be trained on.
    """
    name = path.name
    try:
        arrays, names = read_archive(path, KEYS, optional=True)
    except UnreadableArchiveError as error:
        raise UnfitDataError(
            f"expected a .npz file of arrays, {path} cannot be read ({error}); write it with "
            f"numpy.savez(path, x=inputs, y=labels)"
        ) from None
    wanted = KEYS if "x_test" in arrays or "y_test" in arrays else KEYS[:2]
    for each in wanted:
        if each not in arrays:
            raise UnfitDataError(
                f"{path} needs an array {each!r}, it has {', '.join(names) or 'none'}; write it "
                f"with numpy.savez(path, x=inputs, y=labels)"
            )
    inputs = _channels_first(arrays["x"])
    if len(wanted) == 2:  # noqa: PLR2004 - x and y
        return make_data(name, inputs, arrays["y"])
    return make_data(
        name, inputs, arrays["y"], (_channels_first(arrays["x_test"]), arrays["y_test"])
    )


KEYS: Final = ("x", "y", "x_test", "y_test")


def read_folder(path: Path) -> Data:
    """Data from images: `folder/class/image.png`, or `folder/train/...`, `val/...`, `test/...`.

    Images have one size; grey ones get one channel if all are grey, else three. A part that is
    not there is held out from the train part.

    Raises:
        UnfitDataError: No images, one that cannot be read, different sizes, or one class only;
            a class without images; parts without a train part.
    """
    parts = {
        PARTS[each.name.lower()]: each for each in _folders(path) if each.name.lower() in PARTS
    }
    if not parts:
        return make_data(path.name, *_images(path))
    if "train" not in parts:
        names = " and ".join(each.name for each in parts.values())
        raise UnfitDataError(
            f"{path} has {names}, and no folder train; give one, or folders of classes only"
        )
    test, validation = (
        _images(parts[name]) if name in parts else None for name in ("test", "validation")
    )
    return make_data(path.name, *_images(parts["train"]), test, validation)


def _folders(path: Path) -> list[Path]:
    return [each for each in sorted(path.iterdir()) if each.is_dir()]


def _images(folder: Path) -> tuple[Array, Array]:
    """All images below the folders of a folder, and the names of those folders."""
    files: list[Path] = []
    for each in _folders(folder):
        inside = [file for file in sorted(each.rglob("*")) if file.is_file()]
        images = [file for file in inside if file.suffix.lower() in SUFFIXES]
        if inside and not images:
            raise UnfitDataError(
                f"the class {each.name} has {len(inside)} files and no {', '.join(SUFFIXES)} among "
                f"them, such as {inside[0].name}; convert them, or take the folder away"
            )
        files += images
    if not files:
        raise UnfitDataError(
            f"expected a folder of images for each class in {folder}, found no "
            f"{', '.join(SUFFIXES)} below its folders; put them in {folder.name}/NAME_OF_CLASS/"
        )
    arrays = [_image(file) for file in files]
    _check_sizes(files, arrays)
    labels = np.array([file.relative_to(folder).parts[0] for file in files])
    grey = all(image.shape[0] == 1 for image in arrays)
    stacked = np.stack(
        [image if grey else np.broadcast_to(image, (3, *image.shape[1:])) for image in arrays]
    )
    return stacked, labels


def _image(file: Path) -> Array:
    """One image, channels first."""
    try:
        with Image.open(file, formats=KINDS) as image:
            if image.mode in SIXTEEN_BITS:  # which Pillow would cut off at 255
                found = np.asarray(image, dtype=np.float32) / 257
            else:
                found = np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
    except BROKEN as error:
        raise UnfitDataError(
            f"{file} cannot be read as an image ({error}); repair it or take it out of the folder"
        ) from None
    return found[None] if found.ndim == 2 else found.transpose(2, 0, 1)  # noqa: PLR2004 - grey


def _check_sizes(files: Sequence[Path], images: Sequence[Array]) -> None:
    first = images[0].shape[1:]
    for file, image in zip(files, images, strict=True):
        if image.shape[1:] != first:
            raise UnfitDataError(
                f"images have one size, {files[0].name} is {first[1]} x {first[0]} and {file} is "
                f"{image.shape[2]} x {image.shape[1]}; bring all to one size first"
            )


def _channels_first(inputs: Array) -> Array:
    """Sequences and grey images get their single channel."""
    if inputs.ndim in (2, 3):
        return inputs[:, None]
    if inputs.ndim == 4 and inputs.shape[3] in LAST and inputs.shape[1] not in LAST:  # noqa: PLR2004
        raise UnfitDataError(
            f"expected images with channels first, got x of shape {inputs.shape}, whose channels "
            f"seem to be last; give x.transpose(0, 3, 1, 2)"
        )
    return inputs[:, :, 0] if inputs.ndim == 4 and inputs.shape[2] == 1 else inputs  # noqa: PLR2004


LAST: Final = (1, 3, 4)
"""How many channels an image has."""
