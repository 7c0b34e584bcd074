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
    {"And", bind_test<logical_and>},   {"Equal", bind_test<eq>}, {"Greater", bind_test<gt>},
    {"GreaterOrEqual", bind_test<ge>}, {"Less", bind_test<lt>},  {"LessOrEqual", bind_test<le>},
    {"Or", bind_test<logical_or>},     {"Where", bind_where},    {"Xor", bind_test<logical_xor>},
};

}  // namespace

std::span<const Operator> logic_operators() { return kLogicOperators; }

}  // namespace fovea::graph
