// From the word that names data (`--data`) to a data set: a known one, pictures in folders, or shards.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/image_folder.h"
#include "fovea/vision/web_dataset.h"

namespace fovea::vision {

/// Whether `data` names a folder: it is no known data set, and has a slash in it or is there.
bool names_folder(const std::string& data);

/// DIR/train, or what there is to judge with: DIR/test, or DIR/val where there is no test.
/// Throws   IoError when it is not there.
std::filesystem::path split_folder(const std::filesystem::path& folder, Split split);

/// The archives *.tar in a split's folder, by name; none in a folder of pictures. Throws IoError.
std::vector<std::filesystem::path> list_shards(const std::filesystem::path& split_folder);

/// Which samples are wanted.
struct DataChoice {
  std::string data;  ///< a known data set's name, or a folder
  std::filesystem::path root =
      {};                       ///< data root of known ones; empty: wherever data_roots() finds it
  Split split = Split::kTrain;  ///< to learn from or to judge with
  ImageFolderOptions folder = {};  ///< how a folder is read, of pictures or of shards
};

/// Opens the shards in a split of DIR. Without classes their names are the lines of DIR/classes.txt,
/// or where there is none their numbers.
/// Throws   as WebDataset; ArgumentError for skip_corrupt, which shards do not know.
std::shared_ptr<WebDataset> open_shards(const DataChoice& choice);

/// Opens them; a loader gives their images as f32 in [0, 1].
/// Throws   ArgumentError when `data` is neither; as StoredDataset, ImageFolder and open_shards.
std::shared_ptr<data::Dataset> open_data(const DataChoice& choice);

}  // namespace fovea::vision
