"""Operations on tensors. The second operand is `other`; of a list, x0, x1, x2, ...

`dim` null means over all dimensions; otherwise it is as the caller wrote it, a
list for sum, mean, var and std, one number elsewhere.
"""

import torch

from recorder import Family


def add_reductions(family):
    dims = [((4, 5), None, False), ((4, 5), [0], False), ((4, 5), [1], True),
            ((4, 5), [-1], False), ((2, 3, 4), [1], False), ((2, 3, 4, 5), [0, 2, 3], False),
            ((2, 3, 4, 5), [0, 2, 3], True), ((2, 3, 4, 5), [1, -1], False),
            ((6,), [0], False), ((2, 17, 33), [2], False)]
    for shape, dim, keepdim in dims:
        for op, options in [("sum", {}), ("mean", {}), ("var", {"correction": 1}),
                            ("var", {"correction": 0}), ("std", {"correction": 1}),
                            ("std", {"correction": 0})]:
            case = family.case(op, dim=dim, keepdim=keepdim, **options)
            x = case.input("x", case.randn(*shape))
            unbiased = {"unbiased": options["correction"] == 1} if options else {}
            function = getattr(torch, op)
            if dim is None:
                case.output(function(x, **unbiased))
            else:
                case.output(function(x, dim, keepdim=keepdim, **unbiased))


def add_extrema(family):
    """max and min along one dimension with the (first) index; argmax, argmin."""
    for op in ("max", "min"):
        for shape, dim, keepdim in [((7,), 0, False), ((4, 5), 0, False), ((4, 5), 1, True),
                                    ((2, 3, 4), -1, False), ((2, 3, 4, 5), 1, False)]:
            for ties in (False, True):
                case = family.case(op, dim=dim, keepdim=keepdim)
                values = case.randint(-1, 2, *shape).double() if ties else case.randn(*shape)
                x = case.input("x", values)
                y, _ = getattr(torch, op)(x, dim, keepdim=keepdim)
                best = y if keepdim else y.unsqueeze(dim)
                first = (x == best).to(torch.uint8).argmax(dim, keepdim=keepdim)
                case.keep("indices", first)
                # the gradient goes to the first of equal values
                index = first if keepdim else first.unsqueeze(dim)
                picked = x.gather(dim, index)
                case.output(picked if keepdim else picked.squeeze(dim))
        case = family.case(op, dim=None, keepdim=False)
        x = case.input("x", case.randn(3, 4, 5))
        case.output(getattr(torch, op)(x))
    for op in ("argmax", "argmin"):
        for shape, dim, keepdim in [((7,), 0, False), ((4, 5), 1, True), ((2, 3, 4), 1, False),
                                    ((3, 4, 5), None, False)]:
            case = family.case(op, dim=dim, keepdim=keepdim)
            x = case.keep("x", case.randn(*shape))
            case.keep("y", getattr(torch, op)(x, dim, keepdim=keepdim))


def add_matmul(family):
    for a, b in [((3, 4), (4, 5)), ((1, 1), (1, 1)), ((4,), (4,)), ((3, 4), (4,)),
                 ((4,), (4, 5)), ((17, 33), (33, 9)), ((2, 3, 4), (2, 4, 5)),
                 ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (3, 4, 2)),
                 ((2, 1, 3, 4), (1, 5, 4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3))]:
        case = family.case("matmul")
        x, other = case.input("x", case.randn(*a)), case.input("other", case.randn(*b))
        case.output(torch.matmul(x, other))


def add_broadcasting(family):
    shapes = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 3), ()),
              ((2, 1, 4), (3, 1)), ((2, 3, 4, 5), (3, 1, 1)), ((1,), (5,))]
    for op in ("add", "sub", "mul", "div", "maximum", "minimum", "pow"):
        for a, b in shapes:
            case = family.case(op)
            positive = op == "pow"
            x = case.input("x", case.rand(*a, low=0.2, high=3.0) if positive
                           else case.randn(*a))
            other = case.rand(*b, low=0.5, high=2.0) if op == "div" else case.randn(*b)
            other = case.input("other", other)
            case.output(getattr(torch, op)(x, other))
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        for a, b in (((3, 4), (4,)), ((2, 1, 4), (3, 1))):
            case = family.case(op)
            x = case.keep("x", case.randint(-2, 3, *a).double())
            other = case.keep("other", case.randint(-2, 3, *b).double())
            case.keep("y", getattr(torch, op)(x, other))
    for c, a, b in [((3, 4), (3, 4), (3, 4)), ((4,), (3, 4), (3, 1)), ((2, 1, 1), (3, 4), ()),
                    ((), (3,), (3,))]:
        case = family.case("where")
        condition = case.keep("condition", case.randint(0, 2, *c).bool())
        x, other = case.input("x", case.randn(*a)), case.input("other", case.randn(*b))
        case.output(torch.where(condition, x, other))


def add_elementwise(family):
    shapes = [(), (7,), (3, 5), (2, 3, 4, 5)]
    for op, low, high in [("exp", -3, 3), ("log", 0.05, 4), ("sqrt", 0.05, 4), ("abs", -2, 2),
                          ("neg", -2, 2), ("reciprocal", 0.2, 3), ("square", -2, 2)]:
        for shape in shapes:
            case = family.case(op)
            x = case.input("x", case.rand(*shape, low=low, high=high))
            case.output(getattr(torch, op)(x))
    for exponent, low in [(0.0, -2), (1.0, -2), (2.0, -2), (3.0, -2), (-1.0, 0.3), (0.5, 0.1),
                          (2.5, 0.1), (-2.0, 0.3)]:
        case = family.case("pow_scalar", exponent=exponent)
        x = case.input("x", case.rand(3, 5, low=low, high=2))
        case.output(torch.pow(x, exponent))
    for low, high in [(-0.5, 0.75), (None, 0.5), (0.0, None)]:
        case = family.case("clamp", min=low, max=high)
        x = case.input("x", case.randn(4, 6))
        case.output(torch.clamp(x, low, high))
        # values that lie on a bound keep their gradient
        case = family.case("clamp", min=low, max=high)
        x = case.input("x", torch.tensor([-1, -0.5, 0.0, 0.5, 0.75, 1.0], dtype=torch.float64))
        case.output(torch.clamp(x, low, high))


def add_joins(family):
    for shapes, dim in [(((2, 3), (4, 3)), 0), (((2, 3), (2, 1), (2, 4)), 1),
                        (((2, 3, 4), (2, 3, 5)), -1), (((3,), (1,), (2,)), 0),
                        (((2, 3, 4, 5), (2, 1, 4, 5)), 1)]:
        case = family.case("cat", dim=dim)
        parts = [case.input(f"x{i}", case.randn(*shape)) for i, shape in enumerate(shapes)]
        case.output(torch.cat(parts, dim))
    for shape, count, dim in [((3,), 2, 0), ((2, 3), 3, 1), ((2, 3), 2, -1), ((), 4, 0)]:
        case = family.case("stack", dim=dim)
        parts = [case.input(f"x{i}", case.randn(*shape)) for i in range(count)]
        case.output(torch.stack(parts, dim))


def add_views(family):
    def one(op, shape, function, **options):
        case = family.case(op, **options)
        x = case.input("x", case.randn(*shape))
        case.output(function(x))

    for shape, size in [((3, 1), [3, 4]), ((1, 3, 1), [2, 3, 5]), ((4,), [2, 3, 4]),
                        ((3, 1), [2, -1, 5]), ((), [2, 2])]:
        one("expand", shape, lambda x: x.expand(size), size=size)
    for shape, dims in [((2, 3), [1, 0]), ((2, 3, 4), [2, 0, 1]), ((2, 3, 4, 5), [0, 2, 3, 1]),
                        ((2, 3, 4), [-1, 0, 1])]:
        one("permute", shape, lambda x: x.permute(dims), dims=dims)
    for shape, a, b in [((2, 3), 0, 1), ((2, 3, 4, 5), 1, -1)]:
        one("transpose", shape, lambda x: x.transpose(a, b), dim0=a, dim1=b)
    for shape, size in [((2, 3, 4), [6, 4]), ((2, 3, 4), [-1]), ((2, 6), [2, -1, 2]),
                        ((1,), [])]:
        one("reshape", shape, lambda x: x.reshape(size), size=size)
    for shape, dim, index in [((5, 4), 0, 2), ((2, 3, 4), 1, -1), ((6,), 0, 0)]:
        one("select", shape, lambda x: x.select(dim, index), dim=dim, index=index)
    for shape, dim, start, stop, step in [((7,), 0, 1, 6, 2), ((3, 8), 1, 0, 8, 3),
                                          ((4, 5, 6), 1, 2, 5, 1)]:
        def cut(x):
            index = [slice(None)] * x.dim()
            index[dim] = slice(start, stop, step)
            return x[tuple(index)]
        one("slice", shape, cut, dim=dim, start=start, stop=stop, step=step)
    for shape, start, end in [((2, 3, 4, 5), 1, -1), ((2, 3, 4), 0, 1), ((), 0, -1)]:
        one("flatten", shape, lambda x: x.flatten(start, end), start_dim=start, end_dim=end)
    for shape, dim, index in [((5, 3), 0, [4, 0, 0, 2]), ((3, 6), 1, [5, 5, 5]),
                              ((2, 4, 3), -2, [3, 1]), ((4,), 0, [1])]:
        case = family.case("index_select", dim=dim)
        x = case.input("x", case.randn(*shape))
        index = case.keep("index", torch.tensor(index))
        case.output(torch.index_select(x, dim, index))


def build():
    family = Family("tensor")
    add_reductions(family)
    add_extrema(family)
    add_matmul(family)
    add_broadcasting(family)
    add_elementwise(family)
    add_joins(family)
    add_views(family)
    return family
