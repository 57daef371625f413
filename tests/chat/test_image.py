"""Images from files and addresses, and what a terminal writes for a file that is dropped onto it."""

import base64
import os

import pytest

from tui.chat.image import MOST_BYTES, dropped_images, read_image, split_places
from tui.domain.error import ConfigError

BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x0a\x00\x00\x00WEBP",
}


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_file_becomes_an_image_by_what_it_holds(tmp_path, kind):
    content = BEGINNINGS[kind] + bytes(range(256))
    path = tmp_path / "my cat.txt"
    path.write_bytes(content)
    for where in (str(path), path.as_uri()):
        image = read_image(where)
        head, _, data = image.url.partition(",")
        assert (head, base64.b64decode(data), image.name) == (f"data:{kind};base64", content, "my cat.txt")


def test_a_path_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.png").write_bytes(BEGINNINGS["image/png"])
    assert read_image("~/a.png").name == "a.png"
    assert split_places("~/a.png") == ["~/a.png"]


def test_an_address_is_left_for_the_endpoint_to_fetch():
    image = read_image("https://x.example/cats/one.png?size=2")
    assert (image.url, image.name) == ("https://x.example/cats/one.png?size=2", "one.png")


def test_what_is_no_image_is_told(tmp_path):
    (tmp_path / "notes.png").write_bytes(b"hello")
    (tmp_path / "huge.png").write_bytes(BEGINNINGS["image/png"] + bytes(MOST_BYTES))
    os.mkfifo(tmp_path / "pipe.png")
    for where, words in (
        (tmp_path / "notes.png", "is no image"),
        (tmp_path / "huge.png", "is too large"),
        (tmp_path / "none.png", "No such file"),
        (tmp_path, "is not a file"),
        (tmp_path / "pipe.png", "is not a file"),
        ("a\0b.png", "no path"),
    ):
        with pytest.raises(ConfigError) as caught:
            read_image(str(where))
        assert words in caught.value.message


def test_a_long_name_is_cut_and_an_odd_one_shown(tmp_path):
    path = tmp_path / f"a\x1b{'b' * 80}.jpeg"
    path.write_bytes(BEGINNINGS["image/jpeg"])
    name = read_image(str(path)).name
    assert name.startswith("a␛bbb")
    assert name.endswith(".jpeg")
    assert len(name) <= 48


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("/home/me/cat.png", ["/home/me/cat.png"]),
        ("'/home/me/my cat.PNG' ", ["/home/me/my cat.PNG"]),
        ("/home/me/my\\ cat.jpg", ["/home/me/my cat.jpg"]),
        ("/home/me/my cat.jpg", ["/home/me/my cat.jpg"]),
        ("file:///home/me/my%20cat.webp\n", ["file:///home/me/my%20cat.webp"]),
        ("/a.png '/b c.gif'", ["/a.png", "/b c.gif"]),
        ("/etc/passwd", []),
        ("look at /a.png", []),
        ("cat.png", []),
        ("/a.png\n/b.png", []),
        ("/a.txt /b.png", []),
        ("/it's.png", ["/it's.png"]),
        ("", []),
        ("/" + "x" * 9000 + ".png", []),
    ],
)
def test_only_paths_of_images_and_nothing_else_were_dropped(text, paths):
    assert dropped_images(text) == paths


def test_places_are_split_as_a_shell_would_unless_there_is_such_a_file(tmp_path):
    spaced = tmp_path / "a b.png"
    assert split_places("a.png 'b c.png'") == ["a.png", "b c.png"]
    assert split_places(str(spaced)) == str(spaced).split()
    spaced.write_bytes(b"")
    assert split_places(str(spaced)) == [str(spaced)]
    assert split_places("it's.png") == ["it's.png"]
    assert split_places("") == []
    assert split_places("x" * 5000) == ["x" * 5000]
