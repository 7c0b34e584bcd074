"""What a model looks at: saliency (Simonyan et al. 2014), Grad-CAM (Selvaraju et al. 2017) and
occlusion (Zeiler and Fergus 2014), written out.

A case has an image `x` [1, c, h, w] in f64 and, in evaluation mode, of the class `class`: the
gradient of its score (`gradient`) and of its channels the largest size (`saliency`); of the maps of
the last convolution their weights (`weights`), `map` and `scaled`; and `probabilities`, a number
for each place of a patch of `size` that moves by `stride` and covers the image with `grey`.
`model` "fashion-cnn" has the weights of fashion_cnn.safetensors, "colour" those of the case,
`state.NAME`.
"""

from collections import OrderedDict
import pathlib

import torch
import torch.nn.functional as F

import fashion
import safetensors_file
from recorder import Family

HERE = pathlib.Path(__file__).resolve().parent.parent


def fashion_cnn():
    net = fashion.FashionCNN()
    tensors, _ = safetensors_file.read(HERE / "fashion_cnn.safetensors")
    net.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    return net.double().eval(), net.layer2[0]


def colour_net(case):
    """Small, of three channels, with a border."""
    net = torch.nn.Sequential(OrderedDict([
        ("conv1", torch.nn.Conv2d(3, 4, 3, padding=1)), ("bn1", torch.nn.BatchNorm2d(4)),
        ("relu1", torch.nn.ReLU()), ("pool1", torch.nn.MaxPool2d(2)),
        ("conv2", torch.nn.Conv2d(4, 6, 3)), ("relu2", torch.nn.ReLU()),
        ("flat", torch.nn.Flatten()), ("fc", torch.nn.Linear(6 * 5 * 4, 4))])).double()
    for name, tensor in net.state_dict().items():
        if tensor.dtype == torch.float64:
            values = case.rand(*tensor.shape, low=0.5, high=1.5) if "var" in name else \
                case.randn(*tensor.shape, scale=0.3)
            tensor.copy_(values)
            case.keep(f"state.{name}", tensor.clone())
    return net.eval(), net.conv2


def saliency(case, net, x, index):
    leaf = x.clone().requires_grad_()
    score = net(leaf)[0, index]
    score.backward()
    case.keep("score", score)
    case.keep("gradient", leaf.grad[0])
    case.keep("saliency", leaf.grad[0].abs().amax(0))


def gradcam(case, net, layer, x, index):
    kept = []
    hook = layer.register_forward_hook(lambda module, given, output: kept.append(output))
    score = net(x)[0, index]
    hook.remove()
    gradient = torch.autograd.grad(score, kept[0])[0][0]
    weights = gradient.mean((1, 2))
    cam = torch.zeros_like(gradient[0])
    for k in range(len(weights)):
        cam = cam + weights[k] * kept[0][0, k]
    cam = F.relu(cam)
    case.keep("weights", weights)
    case.keep("map", cam)
    case.keep("scaled", F.interpolate(cam[None, None], x.shape[2:], mode="bilinear",
                                      align_corners=False)[0, 0])


def occlusion(case, net, x, index, size, stride, grey):
    rows = (x.shape[2] - size) // stride + 1
    columns = (x.shape[3] - size) // stride + 1
    probabilities = torch.zeros(rows, columns, dtype=torch.float64)
    with torch.no_grad():
        for row in range(rows):
            for column in range(columns):
                covered = x.clone()
                for channel in range(x.shape[1]):
                    covered[0, channel, row * stride:row * stride + size,
                            column * stride:column * stride + size] = grey[channel]
                probabilities[row, column] = F.softmax(net(covered), 1)[0, index]
    case.keep("probabilities", probabilities)


def add(family, model, shape, index, size, stride, grey):
    case = family.case("explain", **{"model": model, "class": index, "size": size,
                                     "stride": stride, "grey": grey})
    net, layer = fashion_cnn() if model == "fashion-cnn" else colour_net(case)
    x = case.keep("x", case.rand(1, *shape))
    saliency(case, net, x, index)
    gradcam(case, net, layer, x, index)
    occlusion(case, net, x, index, size, stride, grey)


def build():
    family = Family("explain")
    add(family, "fashion-cnn", (1, 28, 28), 6, 7, 3, [0.5])
    add(family, "fashion-cnn", (1, 28, 28), 8, 9, 5, [0.0])
    add(family, "colour", (3, 14, 12), 1, 4, 2, [0.1, 0.5, 0.9])
    add(family, "colour", (3, 14, 12), 3, 5, 1, [0.5, 0.5, 0.5])
    return family
