// From the word that names data (`--data`) to a data set: a known one, or pictures in folders.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "fovea/data/dataset.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/image_folder.h"

namespace fovea::vision {

/// Whether `data` names a folder: it is no known data set, and has a slash in it or is there.
bool names_folder(const std::string& data);

/// DIR/train, or what there is to judge with: DIR/test, or DIR/val where there is no test.
/// Throws   IoError when it is not there.
std::filesystem::path split_folder(const std::filesystem::path& folder, Split split);

/// Which samples are wanted.
struct DataChoice {
  std::string data;  ///< a known data set's name, or a folder
  std::filesystem::path root =
      {};                       ///< data root of known ones; empty: wherever data_roots() finds it
  Split split = Split::kTrain;  ///< to learn from or to judge with
  ImageFolderOptions folder = {};  ///< how a folder is read
};

/// Opens them; a loader gives their images as f32 in [0, 1].
/// Throws   ArgumentError when `data` is neither; as StoredDataset and ImageFolder.
std::shared_ptr<data::Dataset> open_data(const DataChoice& choice);

}  // namespace fovea::vision
