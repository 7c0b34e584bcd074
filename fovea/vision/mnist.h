// Fashion-MNIST and MNIST as data sets: 28x28 grey images and their classes.
#pragma once

#include "fovea/vision/stored_data_set.h"

namespace fovea::vision {

/// Fashion-MNIST: 60,000 and 10,000 photographs of clothes in ten classes.
/// Source   Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747.
class FashionMNIST final : public StoredDataset {
 public:
  /// `FashionMNIST({.train = false})`. Throws as StoredDataset.
  explicit FashionMNIST(const DataSetOptions& options = {})
      : StoredDataset(data_set("fashion-mnist"), options) {}
};

/// MNIST: 60,000 and 10,000 handwritten digits.
/// Source   LeCun, Bottou, Bengio, Haffner 1998, Proceedings of the IEEE 86(11).
class MNIST final : public StoredDataset {
 public:
  /// `MNIST({.train = false})`. Throws as StoredDataset.
  explicit MNIST(const DataSetOptions& options = {}) : StoredDataset(data_set("mnist"), options) {}
};

}  // namespace fovea::vision
