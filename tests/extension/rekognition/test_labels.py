"""What is measured of a picture, and the labels made of it."""

import io

import pytest
from PIL import Image
from treino_local.rekognition import faces, labels, pictures


def _plain(colour: str, size: tuple[int, int] = (60, 60)) -> Image.Image:
    return Image.new("RGB", size, colour)


def _chequered(side: int = 64) -> Image.Image:
    picture = Image.new("L", (side, side))
    picture.putdata([255 * ((at // 4 + at // side // 4) % 2) for at in range(side * side)])
    return picture.convert("RGB")


def _names(picture: Image.Image) -> set[str]:
    return {label["Name"] for label in labels.of(picture, [])}


@pytest.mark.parametrize(
    ("size", "name"),
    [((60, 60), "Square format"), ((90, 60), "Landscape orientation"), ((60, 90), "Portrait orientation")],
)
def test_the_shape(size: tuple[int, int], name: str) -> None:
    assert name in _names(_plain("red", size))


def test_a_plain_picture_and_one_full_of_edges() -> None:
    assert {"Bright", "Low contrast", "Little detail", "Muted colours"} <= _names(_plain("white"))
    assert {"Dark"} <= _names(_plain("black"))
    assert {"High contrast", "Sharp", "Much detail"} <= _names(_chequered())


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((255, 0, 0), "Red"), ((255, 140, 0), "Orange"), ((250, 240, 20), "Yellow"), ((0, 160, 40), "Green"),
        ((0, 180, 200), "Turquoise"), ((20, 40, 220), "Blue"), ((130, 30, 200), "Purple"), ((255, 80, 180), "Pink"),
        ((90, 45, 10), "Brown"), ((5, 5, 5), "Black"), ((250, 250, 250), "White"), ((128, 128, 128), "Grey"),
    ],
)  # fmt: skip
def test_the_name_of_a_colour(colour: tuple[int, int, int], name: str) -> None:
    assert pictures.colour_name(*colour) == name


def test_the_shares_of_the_colours() -> None:
    picture = _plain("red", (100, 100))
    picture.paste((20, 40, 220), (0, 0, 100, 30))
    assert [name for name, _ in pictures.colours(picture)] == ["Red", "Blue"]
    assert dict(pictures.colours(picture)) == pytest.approx({"Red": 0.7, "Blue": 0.3})


def test_labels_come_by_confidence_and_each_is_a_share_of_100() -> None:
    found = [label["Confidence"] for label in labels.of(_chequered(), [])]
    assert found == sorted(found, reverse=True)
    assert all(60 <= each <= 99 for each in found)


def test_a_face_makes_a_person() -> None:
    box = {"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.5}
    found = {label["Name"]: label for label in labels.of(_plain("red"), [{"BoundingBox": box, "Confidence": 95.0}])}
    assert found["Face"]["Parents"] == [{"Name": "Person"}]
    assert found["Face"]["Instances"] == [{"BoundingBox": box, "Confidence": 95.0}]
    assert found["Person"]["Instances"] == []


def test_a_tilted_head() -> None:
    assert faces._roll({"eyeLeft": (10.0, 20.0), "eyeRight": (20.0, 30.0)}) == 45.0
    assert faces._roll({}) == 0.0


def test_a_picture_is_made_upright_and_no_larger_than_needs_be() -> None:
    stored = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    _plain("red", (1600, 1000)).save(stored, "JPEG", exif=exif)
    assert pictures.opened(stored.getvalue()).size == (500, 800)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(pictures.Unreadable):
        pictures.opened(data)
