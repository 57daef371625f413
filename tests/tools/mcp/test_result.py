"""What servers answer, part by part."""

import base64
from types import SimpleNamespace as Said

import pytest

from tui.tools.mcp.result import read_result


def text(words, **more):
    return Said(type="text", text=words, **more)


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nxyz").decode()


def image(kind="image/png", data=PNG, **more):
    return Said(type="image", mime_type=kind, data=data, **more)


def read(*content, structured=None, is_error=False):
    return read_result(Said(content=content, structured_content=structured, is_error=is_error))


@pytest.mark.parametrize(
    ("content", "structured", "said"),
    [
        ([text("3")], {"result": 3}, "3"),
        ([text("a"), text("b")], {"result": ["a", "b"]}, "a\nb"),
        ([text("hi\n")], {"content": "hi\n"}, "hi\n"),
        ([text('{"a": 1}')], {"a": 1}, '{"a": 1}'),
        ([text("18 degrees")], {"degrees": 18, "wind": 3}, '18 degrees\n{"degrees":18,"wind":3}'),
        ([], {"degrees": 18}, '{"degrees":18}'),
        ([], None, "[no output]"),
    ],
)
def test_structured_content_is_told_beside_text_but_not_twice(content, structured, said):
    assert read(*content, structured=structured).text == said


def test_what_is_no_text_is_described():
    link = Said(
        type="resource_link", uri="file:///a.pdf", name="a", title="A paper", description="About tea.",
        mime_type="application/pdf", size=1234,
    )  # fmt: skip
    bare = Said(
        type="resource_link", uri="file:///b", name="b", title=None, description=None, mime_type=None, size=None
    )
    blob = Said(type="resource", resource=Said(uri="file:///c", mime_type="application/zip", blob="aGk="))
    words = Said(type="resource", resource=Said(uri="file:///d", mime_type="text/plain", text="inside"))
    sound = Said(type="audio", mime_type="audio/wav", data="aGk=")
    assert read(link, bare, blob, words, sound, image("image/tiff", "aGk=")).text.splitlines() == [
        "[resource file:///a.pdf, A paper (application/pdf, 1,234 bytes): About tea.]",
        "[resource file:///b, b]",
        "[resource file:///c, application/zip, 3 bytes]",
        "inside",
        "[audio: audio/wav, 3 bytes]",
        "[image: image/tiff, 3 bytes]",
    ]


def test_an_image_goes_along_as_what_it_is_and_not_where_it_is_none():
    jpeg = base64.b64encode(b"\xff\xd8\xff\xe0rest").decode()
    answer = read(image(data=jpeg), image(data="%%%"), image(data=""), image(data="aGk="))
    assert [each.url for each in answer.images] == [f"data:image/jpeg;base64,{jpeg}"]
    assert answer.text.count("it is no image that can be read") == 3


def test_images_go_along_up_to_a_number_and_a_size():
    answer = read(*[image()] * 40)
    assert len(answer.images) == 8
    assert answer.text.count("one more image: image/png") == 32
    large = base64.b64encode(b"x" * (7 << 20)).decode()
    assert read(image(data=large)).images == ()


def test_what_is_for_the_person_alone_does_not_go_to_the_model():
    alone, both = Said(audience=["user"]), Said(audience=["user", "assistant"])
    answer = read(text("for you", annotations=alone), text("for both", annotations=both), text("for it"))
    assert (answer.text, answer.aside) == ("for both\nfor it", "for you")
    only = read(text("saw it", annotations=alone), image(annotations=alone))
    assert (only.text, only.aside, only.images) == ("[no output]", "saw it\n[an image]", ())
