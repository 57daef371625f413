"""What the screen shows, held against the pictures in `screenshots/`, cell by cell and colour by colour."""

import pytest

from tests.pictures import FOLDER, picture_of, scenes


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
async def test_the_screen_looks_as_in_its_picture(scene, tmp_path, monkeypatch):
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("NO_COLOR", raising=False)
    taken = (FOLDER / f"{scene.name}.svg").read_text(encoding="utf-8")
    shown = await picture_of(scene, taken)
    if shown != taken:
        now = tmp_path / f"{scene.name}.svg"
        now.write_text(shown, encoding="utf-8")
        pytest.fail(f"{now} is not {scene.name}.svg; if it is as it should be: python -m tests.pictures {scene.name}")
