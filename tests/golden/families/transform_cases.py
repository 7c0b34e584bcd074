"""Transforms of images, from torchvision: what they compute once their random numbers are drawn.

x is u8 or f32 (`dtype`); so is y. Images are torch's [k, c, h, w].
"""

import numpy as np
import torch
import torchvision.transforms.functional as F
import torchvision.transforms.functional_tensor as F_t
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import RandAugment, TrivialAugmentWide, _apply_op

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


def warp(family, dtype, shape, op, interpolation, fill, **change):
    """op: affine (degrees, move, scale, shear, center), rotate (degrees), perspective (corners that
    come to lie at others, [x, y] each). fill: numbers, none for torchvision's None. No place that
    is looked up lies right between two pixels."""
    case = family.case(op, dtype=dtype, interpolation=interpolation, fill=fill, **change)
    x = images(case, dtype, *shape)
    how = {"interpolation": InterpolationMode(interpolation), "fill": fill or None}
    if op == "affine":
        y = F.affine(x, change["degrees"], change["move"], change["scale"], change["shear"],
                     center=change["center"], **how)
    elif op == "rotate":
        y = F.rotate(x, change["degrees"], **how)
    else:
        y = F_t.perspective(x, perspective_coefficients(change["start"], change["end"]),
                            interpolation, fill or None)
    case.keep("y", y)


def perspective_coefficients(start, end):
    """In f64, as torchvision finds them from 0.17 on."""
    rows = []
    for (x, y), (u, v) in zip(start, end):
        rows.append([u, v, 1, 0, 0, 0, -x * u, -x * v])
        rows.append([0, 0, 0, u, v, 1, -y * u, -y * v])
    return np.linalg.solve(np.array(rows, dtype=np.float64),
                           np.array(start, dtype=np.float64).reshape(8)).tolist()


def warps(family, dtype):
    for interpolation in ("nearest", "bilinear"):
        for fill in ([], [0.0], [0.5, 0.25, 1.0] if dtype == "f32" else [120.0, 7.0, 255.0]):
            for degrees in (31.0, -77.0, 180.0, 13.5):
                warp(family, dtype, (2, 3, 9, 13), "rotate", interpolation, fill, degrees=degrees)
            warp(family, dtype, (1, 3, 12, 10), "affine", interpolation, fill, degrees=20.0,
                 move=[3, -2], scale=0.8, shear=[10.0, -7.0], center=None)
            warp(family, dtype, (1, 3, 31, 29), "affine", interpolation, fill, degrees=-160.0,
                 move=[0, 4], scale=1.7, shear=[-31.0, 12.0], center=[3, 9])
            warp(family, dtype, (1, 3, 12, 10), "affine", interpolation, fill, degrees=0.0,
                 move=[-4, 5], scale=1.0, shear=[0.0, 0.0], center=None)
            warp(family, dtype, (2, 3, 17, 23), "perspective", interpolation, fill,
                 start=[[0, 0], [22, 0], [22, 16], [0, 16]],
                 end=[[4, 1], [19, 3], [22, 14], [2, 11]])
    warp(family, dtype, (1, 1, 28, 28), "perspective", "bilinear", [0.0],
         start=[[0, 0], [27, 0], [27, 27], [0, 27]], end=[[0, 7], [25, 2], [21, 27], [6, 20]])


def blur(family, dtype, shape, kernel, sigma):
    """kernel: [height, width]."""
    case = family.case("blur", dtype=dtype, kernel=kernel, sigma=sigma)
    case.keep("y", F.gaussian_blur(images(case, dtype, *shape), kernel[::-1], [sigma, sigma]))


def grayscale(family, dtype, shape):
    case = family.case("grayscale", dtype=dtype)
    case.keep("y", F.rgb_to_grayscale(images(case, dtype, *shape), shape[1]))


def vflip(family, dtype, shape):
    case = family.case("vflip", dtype=dtype)
    case.keep("y", F.vflip(images(case, dtype, *shape)))


def step(family, dtype, shape, name, magnitude, interpolation="nearest", fill=()):
    """One change of RandAugment's or TrivialAugment's. Posterize and Equalize take bytes alone
    there, and get what convert_image_dtype makes of numbers."""
    case = family.case("step", dtype=dtype, change=name, magnitude=magnitude,
                       interpolation=interpolation, fill=list(fill))
    x = images(case, dtype, *shape)
    y = F.convert_image_dtype(x, torch.uint8) if name in ("Posterize", "Equalize") else x
    if name == "Solarize" and dtype == "f32":
        magnitude = torch.tensor(magnitude / 255, dtype=torch.float32).item()
    y = _apply_op(y, name, magnitude, InterpolationMode(interpolation), list(fill) or None)
    case.keep("y", F.convert_image_dtype(y, x.dtype))


# Of the 31; their shears look up no place right between two pixels.
BINS = {RandAugment: (9, 23), TrivialAugmentWide: (7, 30)}


def steps(family, dtype):
    shape = (1, 3, 13, 15)
    for space, bins in ((RandAugment()._augmentation_space(31, shape[-2:]), BINS[RandAugment]),
                        (TrivialAugmentWide()._augmentation_space(31), BINS[TrivialAugmentWide])):
        for name, (magnitudes, signed) in space.items():
            for bin in bins if magnitudes.ndim > 0 else ():
                magnitude = float(magnitudes[bin].item())
                step(family, dtype, shape, name, magnitude)
                if signed:
                    step(family, dtype, shape, name, -magnitude)
    for name in ("Identity", "AutoContrast", "Equalize"):
        for shape in ((1, 3, 31, 37), (1, 1, 28, 28), (2, 3, 2, 5)):
            step(family, dtype, shape, name, 0.0)
    for name, magnitude in (("Sharpness", 0.7), ("Posterize", 3.0), ("Solarize", 90.0),
                            ("Color", -0.4), ("Contrast", 0.4), ("Rotate", 21.0)):
        step(family, dtype, (1, 1, 28, 28), name, magnitude)
        step(family, dtype, (1, 1, 2, 9), name, magnitude)
    for fill in ((), (0.5,)):
        step(family, dtype, (1, 3, 14, 12), "ShearX", 0.23, "bilinear", fill)
        step(family, dtype, (1, 3, 14, 12), "Rotate", -17.0, "bilinear", fill)
    dark = family.case("step", dtype=dtype, change="AutoContrast", magnitude=0.0,
                       interpolation="nearest", fill=[], note="a channel of one value")
    x = images(dark, dtype, 1, 3, 6, 7)
    x[:, 1] = 0.25 if dtype == "f32" else 90
    x[:, 0] = x[:, 0] / 2 if dtype == "f32" else torch.div(x[:, 0], 2, rounding_mode="floor") + 50
    dark.keep("x", x)
    dark.keep("y", F.autocontrast(x))


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
        warps(family, dtype)
        for kernel, sigma in (([3, 3], 0.1), ([3, 3], 0.8), ([5, 9], 2.0), ([1, 7], 1.3)):
            blur(family, dtype, (2, 3, 8, 11), kernel, sigma)
        blur(family, dtype, (1, 1, 28, 28), [23, 23], 1.9)
        grayscale(family, dtype, (2, 3, 9, 11))
        grayscale(family, dtype, (2, 1, 5, 6))
        vflip(family, dtype, (2, 3, 5, 4))
        vflip(family, dtype, (1, 1, 6, 3))
        steps(family, dtype)
    for shape, size in (((8, 11), [4, 4]), ((8, 11), [3, 8]), ((8, 11), [5, 2]), ((3, 4), [6, 6]),
                        ((3, 11), [6, 4]), ((9, 8), [2, 3])):
        center_crop(family, (1, 3, *shape), size)
    normalize(family, (2, 3, 4, 9), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    return family
