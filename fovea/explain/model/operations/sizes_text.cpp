#include "fovea/explain/model/operations/sizes_text.h"

#include <vector>

#include "fovea/core/error.h"

namespace fovea::explain {

namespace {

std::string formula_of(const graph::WindowPlaces& places, int i, std::int64_t input,
                       std::int64_t output, PaddingShown padding) {
  const std::int64_t kernel = places.kernel[i], dilation = places.dilation[i];
  const std::int64_t begin = places.begin[i], end = places.end[i], stride = places.stride[i];
  std::string inner = std::to_string(input) + " - ";
  inner += dilation == 1 ? std::to_string(kernel) : str("(", dilation, "x(", kernel, " - 1) + 1)");
  if (begin != end)
    inner += str(" + ", begin, " + ", end);
  else if (begin != 0 || padding == PaddingShown::kAlways)
    inner += str(" + 2x", begin);
  const std::int64_t room = input - places.reach(i) + begin + end;
  std::string quotient = str("(", inner, ") / ", stride);
  if (room < 0 || room % stride != 0)
    quotient = str(room >= 0 && output == room / stride + 1 ? "floor(" : "ceil(", quotient, ")");
  return str(quotient, " + 1 = ", output);
}

}  // namespace

std::string window_formula(const graph::WindowPlaces& places, const Shape& input,
                           const Shape& output, PaddingShown padding) {
  std::string all, first;
  bool alike = true;
  for (int i = 0; i < places.kernel.ndim(); ++i) {
    const std::string one = formula_of(places, i, input[i + 2], output[i + 2], padding);
    alike = alike && (i == 0 || one == first);
    if (i == 0) first = one;
    all += (i == 0 ? "" : ", ") + one;
  }
  return alike ? first : all;
}

std::string product_formula(const Shape& sizes, int from) {
  std::string text;
  std::int64_t product = 1;
  for (int i = from; i < sizes.ndim(); ++i) {
    text += (text.empty() ? "" : "x") + std::to_string(sizes[i]);
    product *= sizes[i];
  }
  return str(text, " = ", product);
}

}  // namespace fovea::explain
