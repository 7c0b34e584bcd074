// The worked numbers of the chapter, computed with the library: arrays, the convolution step by
// step, colour images, pooling, one, two and three dimensions, and the sizes of the two
// classifiers.
#include <fovea/fovea.h>

#include <iostream>
#include <string>

namespace F = fovea::nn::functional;
using fovea::f32;
using fovea::i64;
using fovea::Tensor;

namespace {

void heading(const std::string& text) {
  std::cout << text << "\n" << std::string(text.size(), '-') << "\n";
}

// A matrix of whole numbers without the dimensions of batch and channel.
Tensor whole(const Tensor& x) { return x.squeeze().to(i64); }

void arrays() {
  heading("Arrays");
  Tensor a = fovea::arange(0, 100, 3);
  std::cout << "arange(0, 100, 3) has " << a.numel()
            << " values; resized to 6x4 it keeps the first 24:\n";
  a.resize_({6, 4});
  std::cout << a << "\n";
  std::cout << "row 3: " << a[3] << "; element (3, 3): a.at({3, 3}) = " << a.at({3, 3}).item<int>()
            << ", a[3][3] = " << a[3][3].item<int>() << "\n";

  fovea::Variable squares;
  for (int i = 1; i <= 5; ++i) squares.append(i * i);
  std::cout << "appended one by one: " << squares << "\n";
}

void convolution() {
  heading("The worked convolution");
  const Tensor image = fovea::tensor({{1, 0, 0, 0, 0, 1},
                                      {0, 1, 0, 0, 1, 0},
                                      {0, 0, 1, 1, 0, 0},
                                      {1, 0, 0, 0, 1, 0},
                                      {0, 1, 0, 0, 1, 0},
                                      {0, 0, 1, 0, 1, 0}});
  const Tensor kernel = fovea::tensor({{1, 0, 1}, {0, 1, 0}, {1, 0, 1}});
  const Tensor map = F::conv2d(image.view({1, 1, 6, 6}), kernel.view({1, 1, 3, 3}));
  std::cout << "image 6x6:\n" << whole(image) << "\nkernel 3x3:\n" << whole(kernel) << "\n";

  std::cout << "step 1, image value x kernel value, row by row:\n  ";
  double sum = 0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const int value = image[i][j].item<int>(), weight = kernel[i][j].item<int>();
      sum += value * weight;
      std::cout << (i + j > 0 ? " + " : "") << "(" << value << "x" << weight << ")";
    }
  }
  std::cout << " = " << sum << "\nfeature map 4x4, one number a step:\n" << whole(map) << "\n";
  std::cout << "size: floor((6 - 3 + 2*0) / 1) + 1 = " << fovea::conv_output_size({6, 6}, 3)[0]
            << "\n";
}

void colour() {
  heading("A colour image and several filters");
  // One filter has a 3x3 slice for each of the three channels; their sums are added into one
  // number.
  const Tensor image = fovea::arange(0, 48, 1, {.dtype = f32}).view({1, 3, 4, 4});
  const Tensor filter = fovea::ones({1, 3, 3, 3});
  Tensor total = fovea::zeros({2, 2}, {.dtype = i64});
  for (int c = 0; c < 3; ++c) {
    const Tensor slice = F::conv2d(image.narrow(1, c, 1), filter.narrow(1, c, 1));
    std::cout << "channel " << c << ":\n" << whole(slice) << "\n";
    total = total + whole(slice);
  }
  std::cout << "the channels' sums:\n"
            << total << "\nthe filter at once:\n"
            << whole(F::conv2d(image, filter)) << "\n";
  std::cout << "5 filters give " << F::conv2d(image, fovea::ones({5, 3, 3, 3})).size(1)
            << " channels\n";
}

void pooling() {
  heading("Pooling");
  const Tensor x = fovea::tensor({{3, -1, 12, -1}, {-3, 1, 0, 1}, {2, -3, 0, 1}, {3, -2, 4, -1}})
                       .view({1, 1, 4, 4});
  std::cout << "input 4x4:\n" << whole(x) << "\n";
  std::cout << "max 2x2/2:\n" << whole(F::max_pool2d(x, {.kernel_size = 2, .stride = 2})) << "\n";
  std::cout << "average 2x2/2:\n"
            << whole(F::avg_pool2d(x, {.kernel_size = 2, .stride = 2})) << "\n";
  std::cout << "min 2x2/2:\n" << whole(F::min_pool2d(x, {.kernel_size = 2, .stride = 2})) << "\n";
}

void dimensions() {
  heading("One, two and three dimensions");
  const Tensor line = fovea::ones({1, 1, 5});
  const Tensor smooth = fovea::tensor({0.25, 0.5, 0.25}).view({1, 1, 3});
  std::cout << "1-D: [1, 1, 1, 1, 1] with [0.25, 0.5, 0.25] gives "
            << F::conv1d(line, smooth).view({-1}) << "\n";
  const auto show = [](const std::string& what, const Tensor& y) {
    std::cout << what << " gives " << y.sizes() << "\n";
  };
  show("2-D: [1, 1, 6, 6] with a 3x3 kernel",
       F::conv2d(fovea::ones({1, 1, 6, 6}), fovea::ones({1, 1, 3, 3})));
  show("3-D: [1, 1, 8, 8, 8] with a 3x3x3 kernel",
       F::conv3d(fovea::ones({1, 1, 8, 8, 8}), fovea::ones({1, 1, 3, 3, 3})));
  show("2-D over 3-D: [1, 3, 224, 224] with 3x3 kernels as deep as the input, 32 of them",
       F::conv2d(fovea::ones({1, 3, 224, 224}), fovea::ones({32, 3, 3, 3}), {}, {.padding = 1}));
  show("1x1: [1, 256, 28, 28] with 64 kernels",
       F::conv2d(fovea::ones({1, 256, 28, 28}), fovea::ones({64, 256, 1, 1})));
}

void sizes() {
  heading("Sizes in the two classifiers");
  const auto after_conv = [](std::int64_t n, std::int64_t padding) {
    return fovea::conv_output_size({n, n}, 3, {.padding = padding})[0];
  };
  const std::int64_t a = after_conv(28, 1), b = fovea::pool_output_size(a, 2, 2, 0);
  const std::int64_t c = after_conv(b, 0), d = fovea::pool_output_size(c, 2, 2, 0);
  std::cout << "FashionCNN: 28 -> " << a << " -> " << b << " -> " << c << " -> " << d
            << ", so fc1 has 64*" << d << "*" << d << " = " << 64 * d * d << " inputs\n";
  const auto cnn = fovea::models::make_model("fashion-cnn"),
             dnn = fovea::models::make_model("fashion-dnn");
  std::int64_t values = cnn->num_parameters();
  for (const auto& [name, buffer] : cnn->named_buffers())
    values += buffer.dtype() == f32 ? buffer.numel() : 0;
  std::cout << "FashionCNN: " << cnn->num_parameters() << " parameters, " << values
            << " values with the running statistics\n";
  std::cout << "FashionDNN: " << dnn->num_parameters() << " parameters\n";
  std::cout << "view({-1, 784}) of a batch of 100 images: "
            << fovea::zeros({100, 1, 28, 28}).view({-1, 784}).sizes() << "\n";
}

}  // namespace

int main() {
  for (const auto part : {arrays, convolution, colour, pooling, dimensions}) {
    part();
    std::cout << "\n";
  }
  sizes();
}
