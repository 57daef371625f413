"""Images in words."""

from tui.domain.message import ImagePart
from tui.wire.image import describe_image


def test_an_image_is_named_with_its_kind_and_size_or_its_address():
    data = "data:image/png;base64," + "A" * 8192
    assert describe_image(ImagePart(data)) == "image/png, 6.1 KB"
    assert describe_image(ImagePart(data, name="a\x1bb.png")) == "a␛b.png, image/png, 6.1 KB"
    assert describe_image(ImagePart("https://x.example/\x1b[2J.png")) == "image at https://x.example/␛[2J.png"
