// CIFAR-10 and CIFAR-100 as data sets: 32x32 colour images and their classes.
#pragma once

#include "fovea/vision/stored_data_set.h"

namespace fovea::vision {

/// CIFAR-10: 50,000 and 10,000 photographs in ten classes.
/// Source   Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
class CIFAR10 final : public StoredDataset {
 public:
  /// `CIFAR10({.train = false})`. Throws as StoredDataset.
  explicit CIFAR10(const DataSetOptions& options = {})
      : StoredDataset(data_set("cifar10"), options) {}
};

/// CIFAR-100: 50,000 and 10,000 photographs in a hundred classes, which are grouped by five into
/// twenty coarse ones.
/// Source   Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
class CIFAR100 final : public StoredDataset {
 public:
  /// `CIFAR100({.labels = LabelKind::kCoarse})`. Throws as StoredDataset.
  explicit CIFAR100(const DataSetOptions& options = {})
      : StoredDataset(data_set("cifar100"), options) {}
};

}  // namespace fovea::vision
