// The formats that data sets come in: one function reads the files of a split into two tensors.
#pragma once

#include "fovea/tensor/tensor.h"
#include "fovea/vision/data_files.h"

namespace fovea::vision {

/// Images and their classes, as tensors.
struct Samples {
  Tensor images;  ///< u8 [n, channels, height, width]
  Tensor labels;  ///< i64 [n]
};

/// Reads an IDX file of images and one of labels.
/// Throws   IoError; ParseError naming the file when it is damaged, holds other images or labels
///          outside the classes, or the two files do not belong together.
Samples read_idx_samples(const DataSetInfo& info, DataFiles& files);

/// Which labels of CIFAR-100 are wanted.
enum class LabelKind : std::uint8_t {
  kFine,    ///< DataSetInfo::classes
  kCoarse,  ///< DataSetInfo::coarse_classes
};

/// Reads CIFAR's binary files: records of a byte for the label (with coarse classes: one for the
/// coarse and one for the fine label) and the bytes of the image, [channels, height, width].
/// Requires coarse classes for LabelKind::kCoarse.
/// Throws   IoError; ParseError naming file and byte when it holds no whole number of records, or a
///          label outside the classes.
/// Source   A. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
Samples read_cifar_samples(const DataSetInfo& info, DataFiles& files, LabelKind kind);

}  // namespace fovea::vision
