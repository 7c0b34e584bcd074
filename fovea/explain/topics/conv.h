// A convolution taken apart: the window over the image, stop by stop, and what flows back.
//
//     walk_conv();                                  // the textbook's 6x6 image and 3x3 kernel
//     walk_conv(conv_example("color"));             // three channels
//     walk_conv({.image = image, .kernels = {kernel}, .stride = 2, .padding = 1});
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/explain/walk.h"
#include "fovea/tensor/ops/conv.h"

namespace fovea::explain {

/// Options of walk_conv.
struct ConvTopic {
  /// The image: [h, w] or [c, h, w]; with `dims` 1 [l] or [c, l], with 3 [d, h, w] or
  /// [c, d, h, w]. Undefined: the textbook's 6x6 image.
  Tensor image = {};
  /// The filters, of one size, each [kh, kw] or [c, kh, kw] (with other `dims` alike). None: the
  /// textbook's 3x3 kernel, in 2 dimensions; of an image of several channels the same for each.
  Tensors kernels = {};
  int dims = 2;         ///< along how many axes the kernel moves: 1, 2 or 3
  PerDim stride = 1;    ///< step of the kernel
  Padding padding = 0;  ///< zeros around the image: numbers, "same" or "valid"
  PerDim dilation = 1;  ///< distance between kernel elements
  Tensor bias = {};     ///< [filters]; undefined: none
  /// Names of the channels, short: they stand before sums. None: "c0", "c1", ...
  std::vector<std::string> channel_names = {};
  bool backward = false;  ///< also show what flows back to the kernels and the image
  /// Gradient of the output, [filters, out...], or [out...] for one filter; undefined: all 1, the
  /// gradient of the sum of all outputs.
  Tensor grad_output = {};
};

/// A convolution, stop by stop: window, products and sum of each, the output being the one of
/// conv1d, conv2d or conv3d in f64; with `backward` the gradients of kernels and image, which are
/// those of the tape, as the convolutions that they are.
///
/// Document {"topic", "input", "kernel", "bias", "stride", "padding", "dilation", "size_formula",
///          "stops": [{"step", "filter", "at", "window", "products", "sum", "value"}], "output",
///          "grad_output", "grad_kernel", "grad_input", "grad_bias"}. With one channel tensors
///          have no dimension for it, with one filter none for filters and stops no "filter"; "sum"
///          is without the bias, "value" with it; bias and gradients are there where asked for.
///          "padding" has a pair a dimension where the ends differ. Stops of the backward pass
///          follow and say what they are stops "of": "grad_kernel" or "grad_input".
/// Throws   ArgumentError for options outside their range and for more than 65,536 stops;
///          ShapeError when the shapes do not fit each other.
Walk walk_conv(const ConvTopic& topic = {});

/// A convolution with a name.
struct ConvExample {
  std::string name;  ///< "color"
  Text summary;      ///< what it shows
};
/// The examples that there are: "chapter", "color", "filters", "1d", "2d", "3d", "2d-over-3d",
/// "1x1".
const std::vector<ConvExample>& conv_examples();
/// The options of an example. Throws ArgumentError when there is none of that name.
ConvTopic conv_example(std::string_view name);

}  // namespace fovea::explain
