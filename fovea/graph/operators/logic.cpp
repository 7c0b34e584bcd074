// Comparisons, logic, and choosing by them.

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/broadcast.h"
#include "fovea/graph/operators/dtypes.h"

namespace fovea::graph {

namespace {

Run bind_where(const NodeReader&) {
  return [](const Inputs& in) -> Tensors { return {where(in[0], in[1], in[2])}; };
}

constexpr Operator kLogicOperators[] = {
    {.name = "And", .bind = bind_test<logical_and>, .dtype = {.dtype = boolean}},
    {.name = "Equal", .bind = bind_test<eq>, .dtype = {.dtype = boolean}},
    {.name = "Greater", .bind = bind_test<gt>, .dtype = {.dtype = boolean}},
    {.name = "GreaterOrEqual", .bind = bind_test<ge>, .dtype = {.dtype = boolean}},
    {.name = "Less", .bind = bind_test<lt>, .dtype = {.dtype = boolean}},
    {.name = "LessOrEqual", .bind = bind_test<le>, .dtype = {.dtype = boolean}},
    {.name = "Or", .bind = bind_test<logical_or>, .dtype = {.dtype = boolean}},
    {.name = "Where", .bind = bind_where, .dtype = {.input = 1}},
    {.name = "Xor", .bind = bind_test<logical_xor>, .dtype = {.dtype = boolean}},
};

}  // namespace

std::span<const Operator> logic_operators() { return kLogicOperators; }

}  // namespace fovea::graph
