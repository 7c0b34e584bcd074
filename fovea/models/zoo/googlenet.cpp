#include "fovea/models/zoo/googlenet.h"

#include "fovea/models/entry.h"
#include "fovea/tensor/ops.h"

namespace fovea::models {

namespace {

class BasicConv2d final : public nn::Module {
 public:
  // Kernels are 1, 3 or 7, with the border that keeps the size. There is no bias, which the batch
  // norm would take out again.
  BasicConv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1)
      : conv_({.in_channels = in,
               .out_channels = out,
               .kernel_size = kernel,
               .stride = stride,
               .padding = kernel / 2,
               .bias = false}),
        bn_(out, {.eps = 0.001}) {
    register_module("conv", conv_);
    register_module("bn", bn_);
  }
  Tensor forward(const Tensor& x) override { return nn::chain(x, conv_, bn_, relu_); }

 private:
  nn::Conv2d conv_;
  nn::BatchNorm2d bn_;
  nn::ReLU relu_;  // has no parameters, so it need not be registered
};

std::shared_ptr<BasicConv2d> basic_conv2d(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return std::make_shared<BasicConv2d>(in, out, kernel);
}

std::shared_ptr<nn::MaxPool2d> max_pool(std::int64_t window) {
  return std::make_shared<nn::MaxPool2d>(
      MaxPoolOptions{.kernel_size = window, .stride = 2, .ceil_mode = true});
}

// Channels of an inception module, as in the columns of the paper's table.
struct Widths {
  std::int64_t in, one, reduce3, three, reduce5, five, pool;
};

class Inception final : public nn::Module {
 public:
  explicit Inception(const Widths& w)
      : branch1_(w.in, w.one, 1),
        branch2_(basic_conv2d(w.in, w.reduce3, 1), basic_conv2d(w.reduce3, w.three, 3)),
        branch3_(basic_conv2d(w.in, w.reduce5, 1), basic_conv2d(w.reduce5, w.five, 3)),
        branch4_(nn::MaxPool2d({.kernel_size = 3, .stride = 1, .padding = 1, .ceil_mode = true}),
                 basic_conv2d(w.in, w.pool, 1)) {
    register_module("branch1", branch1_);
    register_module("branch2", branch2_);
    register_module("branch3", branch3_);
    register_module("branch4", branch4_);
  }
  Tensor forward(const Tensor& x) override {
    return cat({branch1_(x), branch2_(x), branch3_(x), branch4_(x)}, 1);
  }

 private:
  BasicConv2d branch1_;
  nn::Sequential branch2_, branch3_, branch4_;
};

class InceptionAux final : public nn::Module {
 public:
  InceptionAux(std::int64_t in, const GoogLeNetOptions& options)
      : conv_(in, 128, 1),
        fc1_(128 * kSide * kSide, 1024),
        fc2_(1024, options.num_classes),
        dropout_(options.dropout_aux) {
    register_module("conv", conv_);
    register_module("fc1", fc1_);
    register_module("fc2", fc2_);
    register_module("dropout", dropout_);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor features = conv_(adaptive_avg_pool2d(x, kSide)).flatten(1);
    return fc2_(nn::chain(features, fc1_, relu_, dropout_));
  }

 private:
  static constexpr std::int64_t kSide = 4;
  BasicConv2d conv_;
  nn::Linear fc1_, fc2_;
  nn::ReLU relu_;
  nn::Dropout dropout_;
};

// torchvision's initial weights. It cuts the normal distribution at 200 deviations, which no draw
// reaches.
void initialize_googlenet(nn::Module& module) {
  if (const auto* conv = dynamic_cast<nn::Conv2d*>(&module)) {
    nn::init::normal_(conv->weight(), 0, 0.01);
  } else if (const auto* linear = dynamic_cast<nn::Linear*>(&module)) {
    nn::init::normal_(linear->weight(), 0, 0.01);
  }
}

}  // namespace

template <class M>
void GoogLeNet::add(Section& section, const char* name, std::shared_ptr<M> module) {
  section.push_back(register_module(name, std::move(module)));
}

GoogLeNet::GoogLeNet(const GoogLeNetOptions& options)
    : avgpool_(1), dropout_(options.dropout), fc_(1024, options.num_classes) {
  check_image_size("GoogLeNet", options.image_size, kMinImageSize);
  make_stem(options);
  make_inceptions();
  if (options.aux_logits) {
    aux1_ = register_module("aux1", std::make_shared<InceptionAux>(512, options));
    aux2_ = register_module("aux2", std::make_shared<InceptionAux>(528, options));
  }
  register_module("avgpool", avgpool_);
  register_module("dropout", dropout_);
  register_module("fc", fc_);
  apply(initialize_googlenet);
}

void GoogLeNet::make_stem(const GoogLeNetOptions& options) {
  const bool small = options.image_size < kFullImageSize;
  add(first_, "conv1",
      std::make_shared<BasicConv2d>(options.in_channels, 64, small ? 3 : 7, small ? 1 : 2));
  add(first_, "maxpool1", max_pool(3));
  add(first_, "conv2", basic_conv2d(64, 64, 1));
  add(first_, "conv3", basic_conv2d(64, 192, 3));
  add(first_, "maxpool2", max_pool(3));
}

void GoogLeNet::make_inceptions() {
  const auto inception = [](const Widths& widths) { return std::make_shared<Inception>(widths); };
  add(first_, "inception3a", inception({192, 64, 96, 128, 16, 32, 32}));
  add(first_, "inception3b", inception({256, 128, 128, 192, 32, 96, 64}));
  add(first_, "maxpool3", max_pool(3));
  add(first_, "inception4a", inception({480, 192, 96, 208, 16, 48, 64}));
  add(second_, "inception4b", inception({512, 160, 112, 224, 24, 64, 64}));
  add(second_, "inception4c", inception({512, 128, 128, 256, 24, 64, 64}));
  add(second_, "inception4d", inception({512, 112, 144, 288, 32, 64, 64}));
  add(third_, "inception4e", inception({528, 256, 160, 320, 32, 128, 128}));
  add(third_, "maxpool4", max_pool(2));
  add(third_, "inception5a", inception({832, 256, 160, 320, 32, 128, 128}));
  add(third_, "inception5b", inception({832, 384, 192, 384, 48, 128, 128}));
}

nn::TrainingScores GoogLeNet::forward_training(const Tensor& x) {
  nn::TrainingScores result;
  const auto take = [&](const std::shared_ptr<nn::Module>& aux, const Tensor& features) {
    if (aux == nullptr || !is_training()) return;
    result.auxiliary.push_back({.scores = (*aux)(features), .weight = kAuxiliaryWeight});
  };
  Tensor y = nn::chain(x, first_);
  take(aux1_, y);
  y = nn::chain(y, second_);
  take(aux2_, y);
  y = nn::chain(y, third_);
  result.scores = fc_(dropout_(avgpool_(y).flatten(1)));
  return result;
}

Tensor GoogLeNet::forward(const Tensor& x) {
  Tensor y = x;
  for (const Section* section : {&first_, &second_, &third_}) y = nn::chain(y, *section);
  return fc_(dropout_(avgpool_(y).flatten(1)));
}

std::vector<ModelEntry> googlenet_entries() {
  std::vector<ModelOption> options = imagenet_options("0.2");
  options.push_back({"aux_logits", "true", "whether there are auxiliary classifiers in training"});
  options.push_back({"dropout_aux", "0.7", "dropout of the auxiliary classifiers"});
  return {model_entry<GoogLeNet>(
      {"googlenet", "nine inception modules, auxiliary classifiers in training", options},
      [](const OptionReader& read) {
        auto found = read_image_options<GoogLeNetOptions>(read, GoogLeNet::kMinImageSize);
        found.aux_logits = read.flag("aux_logits");
        found.dropout_aux = read.probability("dropout_aux");
        return found;
      })};
}

}  // namespace fovea::models
