// A data set of the table (data_sets.h) in memory: what FashionMNIST, MNIST, CIFAR10 and CIFAR100
// are.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/transforms.h"
#include "fovea/vision/file_backed.h"
#include "fovea/vision/samples.h"

namespace fovea::vision {

/// Where a data set lies and what to do with it.
struct DataSetOptions {
  std::filesystem::path root = {};  ///< data root; empty: wherever data_roots() finds it
  bool train = true;                ///< the part to learn from, or the one to judge with
  bool download = false;            ///< fetch what is missing first
  /// What a loader does to each batch; by default u8 becomes f32 in [0, 1]. Empty: nothing.
  data::Transform transform = data::ToTensor();
  LabelKind labels = LabelKind::kFine;  ///< of CIFAR-100: its 100 classes, or the 20 groups of them
};

/// A data set that is published as files, read into memory.
///
/// Shapes   data u8 [n, channels, height, width], target i64 [n].
class StoredDataset : public data::TensorDataset, public FileBacked {
 public:
  /// Reads a split of `info`.
  /// Throws   IoError when it is not there; ParseError naming the file when it is damaged or holds
  ///          something else; ArgumentError for coarse labels of a set that has none.
  StoredDataset(const DataSetInfo& info, const DataSetOptions& options);

  const std::vector<FileLocation>& files() const { return files_; }  ///< where it was read from
  /// The SHA-256 of the content of each file that was read (unpacked, so the same however they are
  /// packed).
  Checksums checksums() const override { return checksums_; }

 private:
  struct Loaded;
  StoredDataset(Loaded loaded, const DataSetOptions& options);
  static Loaded load(const DataSetInfo& info, const DataSetOptions& options);

  std::vector<FileLocation> files_;
  Checksums checksums_;
};

/// The data set called `name`. Throws ArgumentError for an unknown name; as StoredDataset.
std::shared_ptr<data::Dataset> make_data_set(const std::string& name,
                                             const DataSetOptions& options);

}  // namespace fovea::vision
