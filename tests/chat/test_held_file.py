"""A file that several look into is closed once, and nobody reads another file by its descriptor after that."""

import os
from threading import Thread

from tui.chat.held_file import HeldFile


def test_nothing_is_read_of_a_file_that_is_closed_whatever_has_its_descriptor_now(tmp_path):
    held = HeldFile.temporary()
    held.put(b"mine", 0)
    assert held.at(0, 10) == b"mine"
    held.close()
    (tmp_path / "other").write_bytes(b"another's")
    with (tmp_path / "other").open("rb") as other:
        os.dup2(other.fileno(), held.descriptor)
        try:
            assert held.at(0, 10) == b""
        finally:
            if held.descriptor != other.fileno():
                os.close(held.descriptor)


def test_a_thread_that_reads_meanwhile_comes_to_the_end():
    held, seen = HeldFile.temporary(), []
    held.put(b"x", 0)

    def read():
        while data := held.at(0, 1):
            seen.append(data)

    reading = Thread(target=read)
    reading.start()
    while not seen:
        pass
    held.close()
    reading.join()
    assert set(seen) == {b"x"}
