#!/usr/bin/env bash
# Linux, TCP with `SO_TIMESTAMPNS` (the kernel notes when a segment came, and `recvmsg` gives the time along).
#
# Expected: segments that came 20 ms apart and are read later, each by a `recvmsg` of its own length, have times 20 ms apart. So a
#   client may sleep and still learn when each event of a stream came: socket(7) calls it "the reception time of the last packet
#   passed to the user in this call".
# So it is: all of them have the time of the last. While they wait, small segments become one buffer, and that keeps the time of the
#   one that was added last. Whoever wants to know when each came has to be awake for each.
# Seen on 29 Nov 2026 with Linux 6.18. Source: net/ipv4/tcp_input.c, `tcp_try_coalesce`.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "this is about Linux"; exit 1; }
python3 - <<'PY'
import platform
import socket
import struct
import time

SO_TIMESTAMPNS = 35
print("Linux", platform.release())
server = socket.create_server(("127.0.0.1", 0))
reader = socket.create_connection(server.getsockname())
writer, _ = server.accept()
writer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
reader.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def stamp():
    buffer = bytearray(180)
    size, notes, _, _ = reader.recvmsg_into([buffer], 64)
    assert size == 180
    ((_, _, data),) = notes
    seconds, nanoseconds = struct.unpack("ll", data)
    return seconds + nanoseconds / 1e9


def spread(reads_at_once):
    stamps = []
    for _ in range(5):
        writer.send(b"x" * 180)
        if reads_at_once:
            stamps.append(stamp())
        time.sleep(0.02)
    stamps += [stamp() for _ in range(5 - len(stamps))]
    return max(stamps) - min(stamps)


awake, asleep = spread(True), spread(False)
print(f"from the first time to the last, each read as it came: {awake * 1000:.1f} ms")
print(f"from the first time to the last, read together:        {asleep * 1000:.1f} ms")
assert awake > 0.06, "the times of segments that are read at once have changed"
assert asleep < 0.001, "segments that wait keep their own times now"
PY
