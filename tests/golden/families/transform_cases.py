"""Transforms of images, from torchvision: what they compute once their random numbers are drawn.

x is u8 or f32 (`dtype`); so is y. Images are torch's [k, c, h, w].
"""

import torch
import torchvision.transforms.functional as F
from torchvision.transforms import InterpolationMode

from recorder import Family

ADJUST = {"brightness": F.adjust_brightness, "contrast": F.adjust_contrast,
          "saturation": F.adjust_saturation}


def images(case, dtype, *shape):
    """Images whose pixels are drawn, with black, white, grey and pure colours among them."""
    x = case.randint(0, 256, *shape)
    corners = torch.tensor([[0, 0, 0], [255, 255, 255], [90, 90, 90], [255, 0, 0], [0, 255, 0],
                            [0, 0, 255], [255, 255, 0], [0, 255, 255], [255, 0, 255]])
    for i in range(min(len(corners), shape[-1])):
        x[0, :, 0, i] = corners[i, :shape[1]]
    x = x.to(torch.uint8)
    return case.keep("x", x if dtype == "u8" else x.to(torch.float32) / 255)


def resize(family, dtype, shape, size):
    """size: [height, width], or one number for the short side."""
    case = family.case("resize", dtype=dtype, size=size)
    case.keep("y", F.resize(images(case, dtype, *shape), size, antialias=True))


def resized_crop(family, dtype, shape, part, size, interpolation="bilinear"):
    """part: top, left, height, width."""
    case = family.case("resized_crop", dtype=dtype, part=part, size=size,
                       interpolation=interpolation)
    x = images(case, dtype, *shape)
    if interpolation == "bilinear":
        # resized_crop has no antialias for tensors; its parts have.
        y = F.resize(F.crop(x, *part), size, InterpolationMode.BILINEAR, antialias=True)
    else:
        y = torch.nn.functional.interpolate(F.crop(x, *part), size, mode="nearest-exact")
    case.keep("y", y)


def center_crop(family, shape, size):
    case = family.case("center_crop", dtype="u8", size=size)
    case.keep("y", F.center_crop(images(case, "u8", *shape), size))


def turned_hue(x, factor):
    """As torchvision has it from 0.15 on, where bytes come back by convert_image_dtype."""
    y = F.adjust_hue(F.convert_image_dtype(x, torch.float32), factor)
    return F.convert_image_dtype(y, x.dtype)


def adjust(family, dtype, shape, steps):
    """steps: [property, factor] in order."""
    case = family.case("adjust", dtype=dtype, steps=[list(step) for step in steps])
    y = images(case, dtype, *shape)
    for name, factor in steps:
        y = turned_hue(y, factor) if name == "hue" else ADJUST[name](y, factor)
    case.keep("y", y)


def erase(family, dtype, shape, part, value):
    case = family.case("erase", dtype=dtype, part=part, value=value)
    x = images(case, dtype, *shape)
    case.keep("y", F.erase(x, *part, torch.tensor(value)[:, None, None].to(x.dtype)))


def normalize(family, shape, mean, std):
    case = family.case("normalize", dtype="f32", mean=mean, std=std)
    case.keep("y", F.normalize(images(case, "f32", *shape), mean, std))


def build():
    family = Family("transform")
    for dtype in ("u8", "f32"):
        for size in ([4, 4], [12, 16], [5, 13], [9, 11], [1, 1], [6], [20]):
            resize(family, dtype, (2, 3, 9, 11), size)
        resize(family, dtype, (1, 1, 14, 6), [3])
        resize(family, dtype, (1, 1, 40, 30), [7, 8])
        resized_crop(family, dtype, (2, 3, 20, 16), [3, 2, 11, 9], [8, 8])
        resized_crop(family, dtype, (1, 3, 20, 16), [0, 0, 20, 16], [6, 24])
        resized_crop(family, dtype, (1, 1, 9, 9), [8, 8, 1, 1], [3, 3])
        resized_crop(family, dtype, (1, 3, 20, 16), [4, 5, 13, 7], [6, 11], "nearest")
        for name in ("brightness", "contrast", "saturation"):
            for factor in (0.0, 0.37, 1.0, 1.9):
                adjust(family, dtype, (2, 3, 6, 9), [(name, factor)])
        for factor in (-0.5, -0.21, 0.0, 0.08, 0.5):
            adjust(family, dtype, (2, 3, 6, 9), [("hue", factor)])
        adjust(family, dtype, (1, 3, 31, 37), [("contrast", 0.6), ("hue", 0.1), ("brightness", 1.3),
                                               ("saturation", 0.7)])
        adjust(family, dtype, (1, 3, 31, 37), [("saturation", 1.4), ("brightness", 0.8),
                                               ("contrast", 1.5), ("hue", -0.05)])
        adjust(family, dtype, (1, 1, 31, 37), [("saturation", 1.4), ("brightness", 1.2),
                                               ("contrast", 0.5), ("hue", -0.05)])
        erase(family, dtype, (2, 3, 6, 9), [1, 2, 3, 4], [0.0])
        erase(family, dtype, (2, 3, 6, 9), [0, 8, 6, 1], [5.0, 6.5, 7.0])
    for shape, size in (((8, 11), [4, 4]), ((8, 11), [3, 8]), ((8, 11), [5, 2]), ((3, 4), [6, 6]),
                        ((3, 11), [6, 4]), ((9, 8), [2, 3])):
        center_crop(family, (1, 3, *shape), size)
    normalize(family, (2, 3, 4, 9), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    return family
