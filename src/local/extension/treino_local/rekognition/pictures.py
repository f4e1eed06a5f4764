"""What can be measured of a picture's pixels, with Pillow alone."""

import colorsys
import io
import math

from PIL import Image, ImageFilter, ImageOps, ImageStat, UnidentifiedImageError

# Large enough to measure, small enough to be quick; in larger pictures the cascade also takes ever
# more textures for faces.
_MEASURED_SIDE = 512
_LARGEST_SIDE = 800


class Unreadable(Exception):
    """The bytes begin as a JPEG or PNG does and are none."""


def opened(data):
    """The picture, upright as its camera held it, and no larger than needs be."""
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        picture.draft("RGB", (_LARGEST_SIDE, _LARGEST_SIDE))
        picture = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Unreadable(str(error)) from error
    picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return picture


def brightness(picture):
    """Mean lightness, 0 to 100."""
    return ImageStat.Stat(picture.convert("L")).mean[0] / 255 * 100


def contrast(picture):
    """Spread of the lightness, 0 to 100."""
    return min(100.0, ImageStat.Stat(picture.convert("L")).stddev[0] / 127.5 * 100)


def sharpness(picture):
    """How steep its edges are, 0 to 100: the strength of a Laplacian against the contrast there is."""
    grey = _small(picture).convert("L")
    spread = ImageStat.Stat(grey).stddev[0]
    if spread < 1:
        return 0.0
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = ImageStat.Stat(grey.filter(laplacian)).stddev[0]
    return 100 * (1 - math.exp(-3 * edges / spread))


def detail(picture):
    """The part of it that is edges, 0 to 100."""
    edges = _small(picture).convert("L").filter(ImageFilter.FIND_EDGES)
    inner = edges.crop((1, 1, max(2, edges.width - 1), max(2, edges.height - 1)))
    counts = inner.histogram()
    return 100 * sum(counts[48:]) / max(1, sum(counts))


def saturation(picture):
    """Mean colourfulness, 0 to 100."""
    return ImageStat.Stat(_small(picture).convert("HSV")).mean[1] / 255 * 100


def colours(picture):
    """Each named colour's part of the picture, 0 to 1, largest first."""
    few = _small(picture, 128).quantize(64).convert("RGB")
    shares = {}
    for count, (red, green, blue) in few.getcolors(few.width * few.height):
        name = colour_name(red, green, blue)
        shares[name] = shares.get(name, 0) + count / (few.width * few.height)
    return sorted(shares.items(), key=lambda each: -each[1])


_HUES = (
    (15, "Red"), (42, "Orange"), (68, "Yellow"), (165, "Green"), (200, "Turquoise"),
    (255, "Blue"), (290, "Purple"), (335, "Pink"), (361, "Red"),
)


def colour_name(red, green, blue):
    hue, lightness, _ = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = (max(red, green, blue) - min(red, green, blue)) / 255
    if lightness < 0.12:
        return "Black"
    if chroma < 0.12:
        return "White" if lightness > 0.85 else "Grey"
    name = next(name for limit, name in _HUES if hue * 360 < limit)
    return "Brown" if name in ("Red", "Orange") and lightness < 0.35 else name


def _small(picture, side=_MEASURED_SIDE):
    if max(picture.size) <= side:
        return picture
    return ImageOps.contain(picture, (side, side))
