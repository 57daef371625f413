"""Weights: found, verified once, never imported, removed."""

from __future__ import annotations

import os
import stat
import sys
import zipfile

import pytest

from tests.local.conftest import Index
from tui.domain.error import ConfigError, StoreError
from tui.local.weights import (
    find_weights,
    is_verified,
    models_dir,
    own_weights,
    partial_dir,
    remove_weights,
    verify_weights,
)


def put_weights(data_dir, index: Index, content: bytes | None = None):
    path = models_dir(data_dir) / index.release.gguf_name
    path.parent.mkdir(parents=True)
    path.write_bytes(index.gguf if content is None else content)
    return path


def test_nothing_is_found_where_nothing_is(data_dir, index: Index):
    assert find_weights(data_dir, index.release) is None
    assert not data_dir.exists()


def test_weights_are_found_in_the_data_directory(data_dir, index: Index):
    path = put_weights(data_dir, index)
    found = find_weights(data_dir, index.release)
    assert found is not None
    assert (found.path, found.alias, found.is_own) == (path, "tiny", False)


def test_a_file_of_another_size_is_not_found(data_dir, index: Index):
    put_weights(data_dir, index, index.gguf[:-1])
    assert find_weights(data_dir, index.release) is None


def test_an_installed_package_is_found_and_never_imported(tmp_path, data_dir, index: Index, monkeypatch):
    zipfile.ZipFile(index.wheel).extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    found = find_weights(data_dir, index.release)
    assert found is not None
    assert found.path == tmp_path / "site" / "rillet_tiny_weights" / "tiny.gguf"
    assert "rillet_tiny_weights" not in sys.modules


def test_weights_are_read_once_and_again_after_a_change(data_dir, index: Index):
    path = put_weights(data_dir, index)
    found = find_weights(data_dir, index.release)
    assert not is_verified(found, data_dir)
    verify_weights(found, data_dir, index.release)
    assert is_verified(found, data_dir)
    assert stat.S_IMODE((models_dir(data_dir) / "verified.json").stat().st_mode) == 0o600

    path.write_bytes(b"GGUF" + bytes(len(index.gguf) - 4))
    os.utime(path, ns=(1, 1))
    assert not is_verified(found, data_dir)
    with pytest.raises(StoreError, match="damaged") as raised:
        verify_weights(found, data_dir, index.release)
    assert "rillet local install" in raised.value.hint


def test_a_spoilt_note_means_reading_again(data_dir, index: Index):
    put_weights(data_dir, index)
    (models_dir(data_dir) / "verified.json").write_text("[nonsense")
    found = find_weights(data_dir, index.release)
    verify_weights(found, data_dir, index.release)
    assert is_verified(found, data_dir)


def test_a_vanished_file_is_said(data_dir, index: Index):
    path = put_weights(data_dir, index)
    found = find_weights(data_dir, index.release)
    path.unlink()
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        verify_weights(found, data_dir, index.release)


def test_removing_leaves_nothing_and_counts_what_came_free(data_dir, index: Index):
    put_weights(data_dir, index)
    partial_dir(data_dir).mkdir()
    (partial_dir(data_dir) / "half.whl").write_bytes(b"12345")
    assert remove_weights(data_dir, index.release) == len(index.gguf) + 5
    assert list(models_dir(data_dir).iterdir()) == []
    assert remove_weights(data_dir, index.release) == 0


def test_an_own_file_is_taken_by_its_name_and_not_verified(tmp_path, data_dir):
    path = tmp_path / "Qwen2.5-0.5B.Q4_K_M.gguf"
    path.write_bytes(b"GGUF....")
    weights = own_weights(path)
    assert (weights.path, weights.alias, weights.is_own) == (path, "Qwen2.5-0.5B.Q4_K_M", True)
    verify_weights(weights, data_dir)
    assert not data_dir.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"hello", "is not a GGUF file"), (b"", "is not a GGUF file"), (None, "cannot be read: No such file")],
)
def test_an_own_file_that_is_none_is_refused_in_a_sentence(tmp_path, content, says):
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=says) as raised:
        own_weights(path)
    assert raised.value.hint


def test_a_folder_as_own_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match="Is a directory"):
        own_weights(tmp_path)
