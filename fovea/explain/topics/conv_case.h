// A convolution that can be walked: options checked, numbers computed.
#pragma once

#include <string>
#include <vector>

#include "fovea/explain/topics/conv.h"

namespace fovea::explain {

/// What walk_conv shows. All numbers f64 on the CPU.
struct ConvCase {
  int dims = 2;                            ///< along how many axes the kernel moves
  Tensor image = {};                       ///< [c, in...]
  Tensor padded = {};                      ///< the same with the zeros of padding
  Tensor kernels = {};                     ///< [filters, c, kernel...]
  Tensor bias = {};                        ///< [filters] or undefined
  ConvOptions options = {};                ///< of the operation: padding in numbers
  Shape stride = {};                       ///< a number a dimension
  Shape dilation = {};                     ///< a number a dimension
  Padding::Amounts padding = {};           ///< a number a dimension
  Tensor output = {};                      ///< [filters, out...], as the operation gave it
  std::vector<std::string> channels = {};  ///< their names
  Tensor grad_output = {};                 ///< gradient of the output; undefined without backward
  Tensor grad_kernels = {};                ///< the tape's, of the kernels
  Tensor grad_image = {};                  ///< the tape's, of the image
  Tensor grad_bias = {};                   ///< the tape's, of the bias

  std::int64_t filters() const { return kernels.size(0); }  ///< how many
  /// Sizes of a kernel along the axes that it moves along.
  Shape kernel_size() const { return spatial(kernels, 2); }
  /// Sizes of the image along the axes.
  Shape image_size() const { return spatial(image, 1); }
  /// Sizes of the output along the axes.
  Shape output_size() const { return spatial(output, 1); }

 private:
  static Shape spatial(const Tensor& x, int from) {
    return Shape(std::span(x.sizes().begin() + from, x.sizes().end()));
  }
};

/// Checks everything, then computes. Throws what walk_conv throws.
ConvCase make_conv_case(const ConvTopic& topic);

/// Adds the boards and the words of the backward pass to a walk, and to its document the gradients.
/// `first_step` is the number of the next stop.
void add_conv_backward(const ConvCase& conv, std::int64_t first_step, std::vector<Block>& blocks,
                       Fields& document);

}  // namespace fovea::explain
