// Transforms against torchvision's values, from tests/golden/transform.safetensors.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "fovea/data/transforms.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::data {
namespace {

using test::GoldenCase;

ImagePart part_of(const GoldenCase& golden) {
  const Shape part = golden.shape("part");
  return {.top = part[0], .left = part[1], .size = {part[2], part[3]}};
}

ImageSize size_of(const GoldenCase& golden) {
  const Shape size = golden.shape("size");
  return {size[0], size[1]};
}

ColorSteps steps_of(const GoldenCase& golden) {
  static const std::map<std::string, ColorProperty> names = {
      {"brightness", ColorProperty::kBrightness},
      {"contrast", ColorProperty::kContrast},
      {"saturation", ColorProperty::kSaturation},
      {"hue", ColorProperty::kHue}};
  ColorSteps steps;
  for (const auto& step : nlohmann::json::parse(golden.json("steps")))
    steps.push_back({names.at(step[0]), step[1]});
  return steps;
}

/// Erases one part of every image.
class Erase : public WindowTransform {
 public:
  Erase(const ImagePart& part, std::vector<double> value) : part_(part), value_(std::move(value)) {}
  WindowChange change() const override { return WindowChange::kErase; }
  const std::vector<double>& fill() const override { return value_; }
  void place(const SampleKeys&, std::size_t, SampleWindow& window) const override {
    window.erase(part_.top, part_.left, part_.size);
  }

 private:
  const char* name() const override { return "Erase"; }
  ImagePart part_;
  std::vector<double> value_;
};

Tensor computed(const GoldenCase& golden, const Tensor& x) {
  const std::string op = golden.op();
  const auto images = static_cast<std::size_t>(x.size(0));
  if (op == "resize") {
    const Shape size = golden.shape("size");
    return size.ndim() == 1 ? Resize::short_side(size[0])(x) : Resize(size_of(golden))(x);
  }
  if (op == "resized_crop") {
    const std::vector<ImagePart> parts(images, part_of(golden));
    return resized_crop(x, parts, size_of(golden),
                        golden.text("interpolation") == "nearest" ? Interpolation::kNearest
                                                                  : Interpolation::kBilinear);
  }
  if (op == "center_crop") return CenterCrop(size_of(golden))(x);
  if (op == "adjust") return adjust_colors(x, std::vector<ColorSteps>(images, steps_of(golden)));
  if (op == "normalize") return Normalize(golden.numbers("mean"), golden.numbers("std"))(x);
  const std::vector<std::int64_t> indices(images);
  return Erase(part_of(golden), golden.numbers("value"))(x, {.indices = indices});
}

/// How far apart values may be. Sums of one pixel are added in another order, each term rounded to
/// 2^-24 of at most 1; contrast adds up a mean, f32 there. A byte that lies on the edge between two
/// may so become either.
double tolerance(const GoldenCase& golden, DType dtype) {
  if (dtype == f32) return 2e-6;
  return golden.op() == "adjust" || golden.op().starts_with("resize") ? 1 : 0;
}

TEST(Transforms, AgreeWithTorchvision) {
  std::set<std::string> ops;
  for (const GoldenCase& golden : test::load_golden("transform")) {
    SCOPED_TRACE(golden.name() + " " + golden.op());
    const Tensor x = golden.tensor("x"), y = golden.tensor("y");
    const Tensor got = computed(golden, x);
    EXPECT_TRUE(test::is_close(got, y, 0, tolerance(golden, x.dtype())));
    if (x.dtype() == u8) {  // bytes on an edge are few
      const double differing = ne(got, y).to(f64).sum().item();
      EXPECT_LE(differing, 0.01 * static_cast<double>(y.numel()));
    }
    ops.insert(golden.op());
  }
  EXPECT_EQ(ops.size(), 6u);
}

}  // namespace
}  // namespace fovea::data
