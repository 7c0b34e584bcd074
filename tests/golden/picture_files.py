#!/usr/bin/python3
"""Makes tests/golden/pictures: WebP, TIFF and BMP files as Pillow and libtiff write them, or by
hand where those do not, and what Pillow decodes of them (values.npz, u8 [channels, height, width]).

    /usr/bin/python3 picture_files.py      with Debian 12's python3-pil 9.4 and python3-numpy

Where Fovea's rule is not Pillow's, the rule is written out here: 16 bits are divided by 257 and
rounded, transparency is laid over white.
"""

import io
import pathlib
import struct

import numpy as np
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).parent / "pictures"
values = {}


def picture(height, width, channels, seed=0):
    """Slopes with a little noise: u8 [height, width, channels]."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [20 + 9 * x + 3 * y, 240 - 7 * y - 2 * x, 60 + 5 * (x + y)]
    image = np.stack([planes[c % 3] for c in range(channels)], axis=2)
    return np.clip(image + random.randint(-9, 10, image.shape), 0, 255).astype(np.uint8)


def planes_of(array):
    array = array if array.ndim == 3 else array[:, :, None]
    return np.ascontiguousarray(array.transpose(2, 0, 1).astype(np.uint8))


def over_white(array):
    """The last channel is alpha."""
    colour, alpha = array[:, :, :-1].astype(int), array[:, :, -1:].astype(int)
    return (colour * alpha + 255 * (255 - alpha) + 127) // 255


def keep(name, content=None, expected=None):
    """Writes a file; what is expected of it is what Pillow reads unless it is given."""
    path = FOLDER / name
    if content is not None:
        path.write_bytes(content)
    if expected is None:
        with Image.open(path) as image:
            image.load()
            if image.mode in ("P", "CMYK", "YCbCr"):
                image = image.convert("RGB")
            if image.mode == "1":
                image = image.convert("L")
            expected = np.asarray(image)
            if image.mode in ("RGBA", "LA"):
                expected = over_white(expected)
    values[name] = planes_of(np.asarray(expected))


def save(name, array, mode=None, expected=None, **options):
    Image.fromarray(array, mode).save(FOLDER / name, **options)
    keep(name, expected=expected)


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif


def webp():
    rgb, rgba = picture(9, 13, 3), picture(9, 13, 4, seed=1)
    rgba[:3, :, 3] = 0
    rgba[3:6, :, 3] = 255
    save("lossless.webp", rgb, lossless=True)
    save("lossy.webp", picture(21, 17, 3, seed=2), quality=80)
    # exact: colours under full transparency are kept; either way they are white.
    save("alpha.webp", rgba, lossless=True, exact=True)
    upright = picture(5, 8, 3, seed=3)
    stored = Image.fromarray(upright).transpose(Image.Transpose.ROTATE_90)  # 6 turns it back
    stored.save(FOLDER / "turned.webp", lossless=True, exif=exif_of(6))
    with Image.open(FOLDER / "turned.webp") as image:
        turned = np.asarray(ImageOps.exif_transpose(image))
    keep("turned.webp", expected=turned)
    frames = [Image.fromarray(picture(6, 7, 3, seed=s)) for s in (4, 5)]
    frames[0].save(FOLDER / "animated.webp", save_all=True, append_images=frames[1:],
                   lossless=True, duration=100)
    keep("animated.webp", expected=np.asarray(frames[0]))


def tiff():
    grey, rgb, rgba = picture(9, 14, 1)[:, :, 0], picture(9, 14, 3), picture(9, 14, 4, seed=1)
    save("grey.tif", grey)
    save("rgb_lzw.tif", rgb, compression="tiff_lzw")
    save("rgb_deflate.tif", rgb, compression="tiff_adobe_deflate")
    save("rgb_packbits.tif", rgb, compression="packbits")
    save("rgb_jpeg.tif", picture(16, 24, 3, seed=2), compression="jpeg", quality=95)
    save("rgba.tif", rgba)  # ExtraSamples 2: not premultiplied
    save("cmyk.tif", picture(9, 14, 4, seed=3), mode="CMYK")
    bits = (picture(9, 14, 1, seed=4)[:, :, 0] > 128)
    Image.fromarray(bits).save(FOLDER / "bits.tif", compression="group4")
    keep("bits.tif", expected=np.where(bits, 255, 0))
    palette = Image.fromarray(rgb).quantize(16)
    palette.save(FOLDER / "palette.tif")
    keep("palette.tif")
    deep = np.random.RandomState(5).randint(0, 65536, (5, 7)).astype(np.uint16)
    deep[0, :4] = [0x0180, 0x0181, 0x01ff, 0xffff]
    Image.fromarray(deep, "I;16").save(FOLDER / "grey_16.tif")
    keep("grey_16.tif", expected=(deep.astype(int) + 128) // 257)
    orientation = Image.fromarray(picture(5, 8, 3, seed=6))
    orientation.transpose(Image.Transpose.ROTATE_90).save(FOLDER / "turned.tif",
                                                          tiffinfo={0x112: 6})
    keep("turned.tif", expected=np.asarray(orientation))
    pages = [Image.fromarray(picture(4, 6, 3, seed=s)) for s in (7, 8)]
    pages[0].save(FOLDER / "pages.tif", save_all=True, append_images=pages[1:])
    keep("pages.tif", expected=np.asarray(pages[0]))
    for name, order in (("by_hand_little.tif", "<"), ("by_hand_big.tif", ">")):
        keep(name, *tiled_tiff(order))
    keep("white_is_zero.tif", *white_tiff())
    keep("premultiplied.tif", *premultiplied_tiff())


def tiff_file(order, entries, data):
    """A TIFF: header, data at byte 8, then the table. An entry: tag, type, values; those that are
    no single number are put behind the table."""
    table_at = 8 + len(data)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, table_at)
    behind_at = table_at + 2 + 12 * len(entries) + 4
    table, behind = struct.pack(order + "H", len(entries)), b""
    for tag, kind, numbers in sorted(entries):
        packed = struct.pack(order + {3: "H", 4: "I"}[kind] * len(numbers), *numbers)
        count = struct.pack(order + "HHI", tag, kind, len(numbers))
        if len(packed) <= 4:
            table += count + packed.ljust(4, b"\0")
        else:
            table += count + struct.pack(order + "I", behind_at + len(behind))
            behind += packed
    return head + data + table + struct.pack(order + "I", 0) + behind


def tiled_tiff(order):
    """RGB of 16 bits in planes, in tiles of 16 x 16."""
    image = np.random.RandomState(9).randint(0, 65536, (20, 18, 3)).astype(np.uint16)
    padded = np.zeros((32, 32, 3), np.uint16)
    padded[:20, :18] = image
    tiles = [padded[y:y + 16, x:x + 16, c] for c in range(3) for y in (0, 16) for x in (0, 16)]
    data = b"".join(tile.astype(order + "u2").tobytes() for tile in tiles)
    entries = [(256, 3, [18]), (257, 3, [20]), (258, 3, [16] * 3), (259, 3, [1]), (262, 3, [2]),
               (277, 3, [3]), (284, 3, [2]), (322, 3, [16]), (323, 3, [16]),
               (324, 4, [8 + 512 * i for i in range(12)]), (325, 4, [512] * 12)]
    return tiff_file(order, entries, data), (image.astype(int) + 128) // 257


def white_tiff():
    image = picture(6, 5, 1, seed=10)[:, :, 0]
    entries = [(256, 3, [5]), (257, 3, [6]), (258, 3, [8]), (259, 3, [1]), (262, 3, [0]),
               (273, 4, [8]), (277, 3, [1]), (278, 3, [6]), (279, 4, [30])]
    return tiff_file("<", entries, (255 - image).tobytes()), image


def premultiplied_tiff():
    straight = picture(6, 5, 4, seed=11)
    alpha = straight[:, :, 3:].astype(int)
    colour = (straight[:, :, :3] * alpha + 127) // 255
    data = np.concatenate([colour, alpha], axis=2).astype(np.uint8)
    entries = [(256, 3, [5]), (257, 3, [6]), (258, 3, [8] * 4), (259, 3, [1]), (262, 3, [2]),
               (273, 4, [8]), (277, 3, [4]), (278, 3, [6]), (279, 4, [120]), (338, 3, [1])]
    return tiff_file("<", entries, data.tobytes()), colour + 255 - alpha


def bmp():
    grey, rgb = picture(7, 10, 1)[:, :, 0], picture(7, 10, 3)
    save("grey.bmp", grey)
    save("rgb.bmp", rgb)
    Image.fromarray(rgb).quantize(16).save(FOLDER / "palette.bmp")
    keep("palette.bmp")
    Image.fromarray(grey > 128).save(FOLDER / "bits.bmp")
    keep("bits.bmp")
    Image.fromarray(rgb).convert("RGBA").save(FOLDER / "rgbx.bmp")  # 32 bits
    keep("rgbx.bmp", expected=rgb)
    colours = [(i * 17, 255 - i * 13, i * 5) for i in range(16)]
    keep("from_top.bmp", info_bmp(10, -7, 24, rows_of(rgb[:, :, ::-1].tobytes(), 30)))
    keep("core.bmp", core_bmp(rgb))
    # Runs, a plain stretch of odd length, a jump, an early end of a row; the rest is colour 0.
    # (Pillow 9.4 reads jumps wrong, and no file that ends before its last row.)
    runs8 = bytes([4, 3, 3, 5, 0, 0] + [0, 3, 1, 2, 4, 0, 0, 0] + [0, 2, 2, 1, 2, 9, 0, 0] +
                  [0, 1])
    keep("runs_8.bmp", info_bmp(7, 5, 8, runs8, packing=1, palette=colours),
         expected=indexed(colours, [[3, 3, 3, 3, 5, 5, 5], [1, 2, 4, 0, 0, 0, 0],
                                    [0] * 7, [0, 0, 9, 9, 0, 0, 0], [0] * 7]))
    runs4 = bytes([5, 0x3a, 0, 0] + [0, 5, 0x12, 0x34, 0x50, 0] + [0, 0] + [3, 0x77] + [0, 1])
    keep("runs_4.bmp", info_bmp(5, 3, 4, runs4, packing=2, palette=colours),
         expected=indexed(colours, [[3, 10, 3, 10, 3], [1, 2, 3, 4, 5], [7, 7, 7, 0, 0]]))
    deep = np.random.RandomState(12).randint(0, 65536, (4, 5)).astype("<u2")
    fields = lambda array, parts: np.stack(
        [((array >> shift & most).astype(int) * 255 + most // 2) // most for shift, most in parts],
        axis=2)
    keep("rgb_555.bmp", info_bmp(5, -4, 16, rows_of(deep.tobytes(), 10)),
         expected=fields(deep, [(10, 31), (5, 31), (0, 31)]))
    keep("rgb_565.bmp", info_bmp(5, -4, 16, rows_of(deep.tobytes(), 10), packing=3,
                                 masks=[0xf800, 0x07e0, 0x001f]),
         expected=fields(deep, [(11, 31), (5, 63), (0, 31)]))
    rgba = picture(4, 5, 4, seed=13)
    masks = [0xff, 0xff00, 0xff0000, 0xff000000]
    keep("rgba.bmp", info_bmp(5, -4, 32, rgba.tobytes(), packing=3, masks=masks, header=124))


def rows_of(data, row):
    """Rows padded to four bytes."""
    return b"".join(data[i:i + row].ljust((row + 3) // 4 * 4, b"\0")
                    for i in range(0, len(data), row))


def indexed(colours, rows):
    """As a BMP lies: the first row is the lowest."""
    return np.array([[colours[i] for i in row] for row in rows[::-1]], np.uint8)


def info_bmp(width, height, bits, data, packing=0, palette=(), masks=(), header=40):
    table = b"".join(bytes([b, g, r, 0]) for r, g, b in palette)
    fields = struct.pack("<%dI" % len(masks), *masks)
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, packing, len(data), 0, 0,
                       len(palette), 0)
    if header > 40:
        info = (info + fields).ljust(header, b"\0")
        fields = b""
    at = 14 + len(info) + len(fields) + len(table)
    return (struct.pack("<2sIHHI", b"BM", at + len(data), 0, 0, at) + info + fields + table + data)


def core_bmp(rgb):
    """The oldest header, with the lowest row first."""
    height, width = rgb.shape[:2]
    data = rows_of(rgb[::-1, :, ::-1].tobytes(), 3 * width)
    return (struct.pack("<2sIHHI", b"BM", 26 + len(data), 0, 0, 26) +
            struct.pack("<IHHHH", 12, width, height, 1, 24) + data)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    webp()
    tiff()
    bmp()
    content = io.BytesIO()
    np.savez_compressed(content, **values)
    (FOLDER / "values.npz").write_bytes(content.getvalue())


if __name__ == "__main__":
    main()
