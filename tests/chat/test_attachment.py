"""Files that go with a prompt, the paths that are offered, and templates."""

import sys

import pytest

from tui.chat.attachment import TextAttachment, attach_text, read_attachment
from tui.chat.place import places_like
from tui.chat.template import read_arguments, read_templates
from tui.domain.error import ConfigError
from tui.domain.message import ImagePart


def test_texts_go_along_in_a_fence_that_they_cannot_end(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes("\ufeffone\r\n````\ntwo\n".encode())
    attached = read_attachment(str(path))
    assert attached.text == f"{path}:\n`````markdown\none\n````\ntwo\n`````\n"
    assert attached.label.endswith("a.md 13 B ~3 tokens")
    path.write_bytes("häh".encode("utf-16"))
    assert "häh" in read_attachment(str(path)).text


def test_images_are_known_by_what_is_in_them(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    assert isinstance(read_attachment(str(path)), ImagePart)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\0\1", "neither text nor an image"), (b"x" * 1_000_001, "too large"), (b"\xff\xfa", "neither")],
)
def test_what_cannot_go_along_is_said(tmp_path, content, words):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read_attachment(str(tmp_path / "x"))
    with pytest.raises(ConfigError, match="is a directory"):
        read_attachment(str(tmp_path))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_attachment(str(tmp_path / "gone\n\x1b[2J"))


def test_without_the_extra_a_pdf_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4\n")
    with pytest.raises(ConfigError, match="an extra is needed"):
        read_attachment(str(tmp_path / "x.pdf"))


def test_the_text_of_a_pdf_goes_along(tmp_path):
    pytest.importorskip("pypdf")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length 36 >>\nstream\nBT /F 12 Tf 9 9 Td (Hello PDF) Tj ET\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data = b"%PDF-1.4\n" + b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1)
    )
    (tmp_path / "x.pdf").write_bytes(data + b"trailer << /Root 1 0 R /Size 6 >>\nstartxref\n0\n%%EOF\n")
    attached = read_attachment(str(tmp_path / "x.pdf"))
    assert isinstance(attached, TextAttachment)
    assert "Hello PDF" in attached.text
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing")
    with pytest.raises(ConfigError):
        read_attachment(str(tmp_path / "broken.pdf"))


def test_a_name_drives_no_terminal():
    assert "\x1b" not in attach_text("a\x1b[2J\nb", "x").label


def test_places_are_those_of_the_folder_then_those_further_down(tmp_path, monkeypatch):
    for name in ("src/main.py", "src/deep/domain.py", "main.md", ".git/main", "node_modules/main.js", "Makefile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path)
    assert [place.path for place in places_like("ma", finds_below=True)] == [
        "Makefile", "main.md", "src/main.py", "src/deep/domain.py",
    ]  # fmt: skip
    assert [place.path for place in places_like("src/")] == ["src/deep/", "src/main.py"]
    assert [place.path for place in places_like(".g")] == [".git/"]
    assert places_like("no/such/") == places_like("\0") == []
    assert [place.path for place in places_like(f"{tmp_path}/mai")] == [f"{tmp_path}/main.md"]


def test_templates_are_filled_by_name_or_in_order(tmp_path):
    (tmp_path / "t.md").write_text("{{a}} {{b=2}} {{a}}")
    (tmp_path / "plain.md").write_text("Say hello.\n")
    (tmp_path / "bad name!.md").write_text("x")
    (tmp_path / "broken.md").write_bytes(b"\xff")
    (tmp_path / "empty.md").write_text(" ")
    found = read_templates(tmp_path)
    assert sorted(found) == ["plain", "t"]
    template = found["t"]
    assert (template.usage, template.filled("")) == ("A [b=2]", "{{a}} 2 {{a}}")
    assert template.filled("x y z") == "x y z x"
    assert template.filled("b=9 'one two'") == "one two 9 one two"
    assert found["plain"].filled("in French") == "Say hello.\n\nin French"
    assert read_templates(tmp_path / "no") == {}
    assert read_arguments("don't a=1", ["a"]) == ({"a": "1"}, ["don't"])
