// Fashion-MNIST and MNIST as data sets: 28x28 grey images and their classes.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/transforms.h"
#include "fovea/vision/data_sets.h"

namespace fovea::vision {

/// Where a data set lies and what to do with it.
struct DataSetOptions {
  std::filesystem::path root = {};  ///< data root; empty: wherever data_roots() finds it
  bool train = true;                ///< the part to learn from, or the one to judge with
  bool download = false;            ///< fetch what is missing first
  /// What a loader does to each batch; by default u8 becomes f32 in [0, 1]. Empty: nothing.
  data::Transform transform = data::ToTensor();
};

/// A data set that is kept as an IDX file of images and one of labels.
///
/// Shapes   data u8 [n, 1, 28, 28], target i64 [n].
class IdxDataset : public data::TensorDataset {
 public:
  /// Reads a split of `info`.
  /// Throws   IoError when it is not there; ParseError naming the file when it is damaged, holds
  ///          other images or labels outside the classes, or the two files do not belong together.
  IdxDataset(const DataSetInfo& info, const DataSetOptions& options);

  const SplitFiles& files() const { return files_; }  ///< where it was read from
  /// The SHA-256 of its files' content (unpacked, so the same however they are packed), by name.
  /// Throws   IoError, ParseError when they have changed since.
  std::vector<std::pair<std::string, std::string>> checksums() const;

 private:
  struct Loaded;
  IdxDataset(Loaded loaded, const DataSetInfo& info, const DataSetOptions& options);
  static Loaded load(const DataSetInfo& info, const DataSetOptions& options);

  SplitFiles files_;
};

/// Fashion-MNIST: 60,000 and 10,000 photographs of clothes in ten classes.
/// Source   Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747.
class FashionMNIST final : public IdxDataset {
 public:
  /// `FashionMNIST({.train = false})`. Throws as IdxDataset.
  explicit FashionMNIST(const DataSetOptions& options = {})
      : IdxDataset(data_set("fashion-mnist"), options) {}
};

/// MNIST: 60,000 and 10,000 handwritten digits.
/// Source   LeCun, Bottou, Bengio, Haffner 1998, Proceedings of the IEEE 86(11).
class MNIST final : public IdxDataset {
 public:
  /// `MNIST({.train = false})`. Throws as IdxDataset.
  explicit MNIST(const DataSetOptions& options = {}) : IdxDataset(data_set("mnist"), options) {}
};

/// The data set called `name`. Throws ArgumentError for an unknown name; as IdxDataset.
std::shared_ptr<data::Dataset> make_data_set(const std::string& name,
                                             const DataSetOptions& options);

}  // namespace fovea::vision
