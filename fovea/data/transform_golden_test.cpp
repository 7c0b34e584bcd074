// Transforms against torchvision's values, from tests/golden/transform.safetensors.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
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

Interpolation interpolation_of(const GoldenCase& golden) {
  return golden.text("interpolation") == "nearest" ? Interpolation::kNearest
                                                   : Interpolation::kBilinear;
}

WarpOptions warp_options_of(const GoldenCase& golden) {
  return {.interpolation = interpolation_of(golden), .fill = golden.numbers("fill")};
}

Corners corners_of(const GoldenCase& golden, const char* key) {
  Corners corners;
  const auto read = nlohmann::json::parse(golden.json(key));
  for (std::size_t i = 0; i < corners.size(); ++i) corners[i] = {read[i][0], read[i][1]};
  return corners;
}

Warp warp_of(const GoldenCase& golden, ImageSize image) {
  if (golden.op() == "rotate") return Warp::rotation(image, golden.number("degrees"));
  if (golden.op() == "perspective")
    return Warp::perspective(corners_of(golden, "start"), corners_of(golden, "end"));
  const std::vector<double> move = golden.numbers("move"), shear = golden.numbers("shear");
  AffineChange change{.degrees = golden.number("degrees"),
                      .move = {move[0], move[1]},
                      .scale = golden.number("scale"),
                      .shear_x = shear[0],
                      .shear_y = shear[1]};
  if (!golden.is_null("center")) {
    const std::vector<double> center = golden.numbers("center");
    change.center = Place{center[0], center[1]};
  }
  return Warp::affine(image, change);
}

ImageStep step_of(const GoldenCase& golden) {
  for (int i = 0; i <= static_cast<int>(ImageChange::kEqualize); ++i) {
    const auto change = static_cast<ImageChange>(i);
    if (to_string(change) == golden.text("change")) return {change, golden.number("magnitude")};
  }
  throw std::logic_error("no change called " + golden.text("change"));
}

Tensor resized_part(const GoldenCase& golden, const Tensor& x) {
  const std::vector<ImagePart> parts(static_cast<std::size_t>(x.size(0)), part_of(golden));
  return resized_crop(x, parts, size_of(golden), interpolation_of(golden));
}

Tensor warped(const GoldenCase& golden, const Tensor& x) {
  const std::vector<Warp> warps(static_cast<std::size_t>(x.size(0)),
                                warp_of(golden, {x.size(2), x.size(3)}));
  return warp_images(x, warps, warp_options_of(golden));
}

Tensor computed(const GoldenCase& golden, const Tensor& x) {
  const std::string op = golden.op();
  const auto images = static_cast<std::size_t>(x.size(0));
  const std::vector<std::int64_t> indices(images);
  const SampleKeys keys{.indices = indices};
  if (op == "resize") {
    const Shape size = golden.shape("size");
    return size.ndim() == 1 ? Resize::short_side(size[0])(x) : Resize(size_of(golden))(x);
  }
  if (op == "resized_crop") return resized_part(golden, x);
  if (op == "center_crop") return CenterCrop(size_of(golden))(x);
  if (op == "adjust") return adjust_colors(x, std::vector<ColorSteps>(images, steps_of(golden)));
  if (op == "normalize") return Normalize(golden.numbers("mean"), golden.numbers("std"))(x);
  if (op == "erase") return Erase(part_of(golden), golden.numbers("value"))(x, keys);
  if (op == "grayscale") return RandomGrayscale(1)(x, keys);
  if (op == "vflip") return RandomVerticalFlip(1)(x, keys);
  if (op == "blur") {
    const Shape kernel = golden.shape("kernel");
    return gaussian_blur(x, {kernel[0], kernel[1]},
                         std::vector<double>(images, golden.number("sigma")));
  }
  if (op == "step") {
    return apply_image_steps(x, std::vector<ImageSteps>(images, {step_of(golden)}),
                             warp_options_of(golden));
  }
  return warped(golden, x);
}

/// How far apart values may be. Sums of one pixel are added in another order, each term rounded to
/// 2^-24 of at most 1; contrast adds up a mean, f32 there. A byte that lies on the edge between two
/// may so become either. Places of bilinear pixels are f32 here and there, each after some five
/// roundings of numbers up to 64 (5 * 2^-19), and in both directions a pixel may be all of white.
double tolerance(const GoldenCase& golden, DType dtype) {
  const std::string op = golden.op();
  const bool warps = op == "rotate" || op == "affine" || op == "perspective" || op == "step";
  const bool nearest = warps && golden.text("interpolation") == "nearest";
  if (warps && !nearest) return dtype == u8 ? 1 : 5 * 0x1p-18;
  if (dtype == f32) return nearest && op != "step" ? 0 : 2e-6;
  const bool sums = op == "adjust" || op == "blur" || op.starts_with("resize") ||
                    (op == "step" && golden.text("change") == "Contrast");
  return sums ? 1 : 0;
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
  EXPECT_EQ(ops.size(), 13u);
}

}  // namespace
}  // namespace fovea::data
