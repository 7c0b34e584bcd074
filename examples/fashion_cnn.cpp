// The chapter's convolutional classifier of Fashion-MNIST, its training loop written out.
//
//     fashion_cnn [EPOCHS] [TRAINING_IMAGES]
#include <fovea/fovea.h>

#include <cstdio>
#include <cstdlib>

namespace nn = fovea::nn;
using fovea::Tensor;

struct FashionCNN : nn::Module {
  nn::Sequential layer1{
      nn::Conv2d({.in_channels = 1, .out_channels = 32, .kernel_size = 3, .padding = 1}),
      nn::BatchNorm2d(32), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2, .stride = 2})};
  nn::Sequential layer2{nn::Conv2d({.in_channels = 32, .out_channels = 64, .kernel_size = 3}),
                        nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2})};
  nn::Linear fc1{64 * 6 * 6, 600}, fc2{600, 120}, fc3{120, 10};
  nn::Dropout drop{0.25};

  FashionCNN() {
    register_module("layer1", layer1);
    register_module("layer2", layer2);
    register_module("fc1", fc1);
    register_module("drop", drop);
    register_module("fc2", fc2);
    register_module("fc3", fc3);
  }

  Tensor forward(const Tensor& images) override {
    const Tensor features = layer2(layer1(images));
    return fc3(fc2(drop(fc1(features.view({features.size(0), -1})))));
  }
};

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::atoi(argv[1]) : 5;
  const int limit = argc > 2 ? std::atoi(argv[2]) : 60000;
  fovea::manual_seed(0);
  const fovea::Device device = fovea::Device::best();

  const fovea::vision::FashionMNIST train_set({.train = true}), test_set({.train = false});
  fovea::data::DataLoader train_loader(
      first_samples(train_set, limit),
      {.batch_size = 100, .shuffle = true, .seed = 0, .device = device});
  fovea::data::DataLoader test_loader(test_set, {.batch_size = 100, .device = device});

  FashionCNN model;
  model.to(device);
  std::printf("%s\n%lld parameters\n", model.to_string().c_str(),
              static_cast<long long>(model.num_parameters()));
  nn::CrossEntropyLoss criterion;
  fovea::optim::Adam optimizer(model.parameters(), {.lr = 0.001});

  for (int epoch = 1; epoch <= epochs; ++epoch) {
    model.train();
    double total_loss = 0;
    for (auto& [images, labels] : train_loader) {
      const Tensor loss = criterion(model(images), labels);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      total_loss += loss.item();
    }

    model.eval();
    const fovea::NoGrad no_grad;
    std::int64_t correct = 0, total = 0;
    for (auto& [images, labels] : test_loader) {
      const Tensor predicted = model(images).argmax(1);
      correct += (predicted == labels).sum().item<std::int64_t>();
      total += labels.size(0);
    }
    std::printf("epoch %d: loss %.4f, test accuracy %.2f %%\n", epoch,
                total_loss / static_cast<double>(train_loader.size()),
                100.0 * static_cast<double>(correct) / static_cast<double>(total));
  }
}
