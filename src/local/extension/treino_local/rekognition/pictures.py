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


def opened(data: bytes) -> Image.Image:
    """The picture, upright as its camera held it, and no larger than needs be."""
    try:
        stored = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        stored.draft("RGB", (_LARGEST_SIDE, _LARGEST_SIDE))
        picture = ImageOps.exif_transpose(stored).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Unreadable(str(error)) from error
    picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return picture


def brightness(picture: Image.Image) -> float:
    """Mean lightness, 0 to 100."""
    return ImageStat.Stat(picture.convert("L")).mean[0] / 255 * 100


def contrast(picture: Image.Image) -> float:
    """Spread of the lightness, 0 to 100."""
    return min(100.0, ImageStat.Stat(picture.convert("L")).stddev[0] / 127.5 * 100)


def sharpness(picture: Image.Image) -> float:
    """How steep its edges are, 0 to 100: the strength of a Laplacian against the contrast there is."""
    grey = _small(picture).convert("L")
    spread = ImageStat.Stat(grey).stddev[0]
    if spread < 1:
        return 0.0
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = ImageStat.Stat(grey.filter(laplacian)).stddev[0]
    return 100 * (1 - math.exp(-3 * edges / spread))


def detail(picture: Image.Image) -> float:
    """The part of it that is edges, 0 to 100."""
    edges = _small(picture).convert("L").filter(ImageFilter.FIND_EDGES)
    inner = edges.crop((1, 1, max(2, edges.width - 1), max(2, edges.height - 1)))
    counts = inner.histogram()
    return 100 * sum(counts[48:]) / max(1, sum(counts))


def saturation(picture: Image.Image) -> float:
    """Mean colourfulness, 0 to 100."""
    return ImageStat.Stat(_small(picture).convert("HSV")).mean[1] / 255 * 100


def colours(picture: Image.Image) -> list[tuple[str, float]]:
    """Each named colour's part of the picture, 0 to 1, largest first."""
    few = _small(picture, 128).quantize(64)
    # Three bytes a colour, and how many of the pixels have it.
    palette, counts = few.getpalette() or [], few.histogram()
    shares: dict[str, float] = {}
    for at, count in enumerate(counts[: len(palette) // 3]):
        if count:
            name = colour_name(*palette[3 * at : 3 * at + 3])
            shares[name] = shares.get(name, 0) + count / (few.width * few.height)
    return sorted(shares.items(), key=lambda each: -each[1])


_HUES = (
    (15, "Red"),
    (42, "Orange"),
    (68, "Yellow"),
    (165, "Green"),
    (200, "Turquoise"),
    (255, "Blue"),
    (290, "Purple"),
    (335, "Pink"),
    (361, "Red"),
)


def colour_name(red: int, green: int, blue: int) -> str:
    hue, lightness, _ = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = (max(red, green, blue) - min(red, green, blue)) / 255
    if lightness < 0.12:
        return "Black"
    if chroma < 0.12:
        return "White" if lightness > 0.85 else "Grey"
    name = next(name for limit, name in _HUES if hue * 360 < limit)
    return "Brown" if name in ("Red", "Orange") and lightness < 0.35 else name


def _small(picture: Image.Image, side: int = _MEASURED_SIDE) -> Image.Image:
    if max(picture.size) <= side:
        return picture
    return ImageOps.contain(picture, (side, side))
