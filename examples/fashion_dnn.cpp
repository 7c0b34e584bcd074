// The chapter's fully connected classifier of Fashion-MNIST, its training loop written out.
//
//     fashion_dnn [EPOCHS] [TRAINING_IMAGES]
#include <fovea/fovea.h>

#include <cstdio>
#include <cstdlib>

namespace nn = fovea::nn;
using fovea::Tensor;

struct FashionDNN : nn::Module {
  nn::Linear fc1{784, 256}, fc2{256, 128}, fc3{128, 10};
  nn::Dropout drop{0.25};

  FashionDNN() {
    register_module("fc1", fc1);
    register_module("drop", drop);
    register_module("fc2", fc2);
    register_module("fc3", fc3);
  }

  Tensor forward(const Tensor& images) override {
    const Tensor x = drop(relu(fc1(images.view({-1, 784}))));
    return fc3(relu(fc2(x)));
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

  FashionDNN model;
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
