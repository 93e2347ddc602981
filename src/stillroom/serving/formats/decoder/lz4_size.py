"""How much an LZ4 frame can decompress to, read without decompressing it (lz4_Frame_format.md, version 1.6.4)."""

import struct

MAGIC = 0x184D2204
HAS_DICTIONARY, HAS_SIZE, HAS_BLOCK_CHECKSUM = 1, 8, 16
STORED = 1 << 31
MOST_RATIO = 255


def check_frame(frame: bytes | memoryview, declared: int) -> None:
    """Raise ValueError or struct.error where the frame is none, or can decompress to a block more than ``declared``
    bytes."""
    magic, flags, descriptor = struct.unpack_from("<IBB", frame)
    if magic != MAGIC:
        raise ValueError("a buffer is no LZ4 frame")
    longest = 1 << (8 + 2 * (descriptor >> 4 & 7))
    position = 7 + (8 if flags & HAS_SIZE else 0) + (4 if flags & HAS_DICTIONARY else 0)
    size = 0
    while position + 4 <= len(frame):
        (block,) = struct.unpack_from("<I", frame, position)
        if block == 0:
            return
        length = block & ~STORED
        size += length if block & STORED else min(longest, length * MOST_RATIO)
        if size >= declared + longest:
            raise ValueError("a buffer decompresses to more than it announces")
        position += 4 + length + (4 if flags & HAS_BLOCK_CHECKSUM else 0)
