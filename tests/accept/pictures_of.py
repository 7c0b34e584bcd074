#!/usr/bin/python3
"""Writes images of Fashion-MNIST as PNG files, as somebody's own pictures would lie.

    pictures_of.py DATA_FOLDER FOLDER CLASSES TRAINING_IMAGES TEST_IMAGES

CLASSES are numbers with commas between them; each class gets so many images, the first of its kind,
in FOLDER/train/NAME and FOLDER/test/NAME.
"""

import gzip
import pathlib
import struct
import sys
import zlib

NAMES = ["T-Shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
         "Ankle Boot"]
SIDE = 28


def chunk(kind, body):
    return (struct.pack(">I", len(body)) + kind + body +
            struct.pack(">I", zlib.crc32(kind + body)))


def png(pixels):
    rows = b"".join(b"\0" + pixels[i:i + SIDE] for i in range(0, len(pixels), SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def read(folder, name, head):
    return gzip.open(folder / name).read()[head:]


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    classes = [int(number) for number in sys.argv[3].split(",")]
    counts = map(int, sys.argv[4:6])
    for split, kind, most in zip(("train", "test"), ("train", "t10k"), counts):
        images = read(source, f"{kind}-images-idx3-ubyte.gz", 16)
        labels = read(source, f"{kind}-labels-idx1-ubyte.gz", 8)
        for number in classes:
            folder = target / split / NAMES[number]
            folder.mkdir(parents=True)
            of_class = [i for i, label in enumerate(labels) if label == number][:most]
            for place, i in enumerate(of_class):
                pixels = images[i * SIDE ** 2:(i + 1) * SIDE ** 2]
                (folder / f"{place:05}.png").write_bytes(png(pixels))


if __name__ == "__main__":
    main()
