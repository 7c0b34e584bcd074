"""How often WeightedRandomSampler draws each sample, with replacement."""

import torch

from recorder import Family

DRAWS = 80_000


def build():
    family = Family("sampler")
    for weights in ([1, 0, 3, 4, 0], [0.5, 0.5], [1e-3, 1, 10, 100, 0.1, 7, 7, 7]):
        case = family.case("weighted_random", draws=DRAWS)
        generator = torch.Generator().manual_seed(len(weights))
        sampler = torch.utils.data.WeightedRandomSampler(weights, DRAWS, generator=generator)
        case.keep("weights", torch.tensor(weights, dtype=torch.float64))
        case.keep("counts", torch.bincount(torch.tensor(list(sampler)), minlength=len(weights)))
    return family
