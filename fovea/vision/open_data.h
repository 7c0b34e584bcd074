// From the word that names data (`--data`) to a data set: a known one, pictures in folders or in
// lists (.csv), or shards.
//
// A folder DIR has its splits as folders or as lists, DIR/train or DIR/train.csv; where it has
// both, the folder counts if there are folders or shards in it. A list by itself, and a folder that
// has no splits but at least two folders, those of classes, come in one piece: what to judge with
// is held out of them (held_out.h).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/models/model_file.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/picture_set.h"

namespace fovea::vision {

/// Whether `data` names a folder or a list: it is no known data set, and has a slash in it, ends in
/// .csv, or is a folder that is there.
bool names_folder(const std::string& data);

/// Whether `data` comes in one piece, see the head of this file.
bool is_one_piece(const std::filesystem::path& data);

/// DIR/train; DIR/val, or else DIR/valid or DIR/validation; or what there is to judge with:
/// DIR/test, or where there is no test what there is for validation; each of them a folder or a
/// list. Nothing when it is not there. What comes in one piece is itself what is learned from and
/// judged with.
/// Throws   IoError when DIR is not there.
std::optional<std::filesystem::path> split_folder(const std::filesystem::path& folder, Split split);

/// The folders in DIR that are no split's, sorted; hidden ones left out. None of what comes in one
/// piece.
/// Throws   IoError when DIR cannot be read.
std::vector<std::filesystem::path> unused_folders(const std::filesystem::path& folder);

/// Which samples are wanted.
struct DataChoice {
  std::string data;  ///< a known data set's name, or a folder
  std::filesystem::path root =
      {};                       ///< data root of known ones; empty: wherever data_roots() finds it
  Split split = Split::kTrain;  ///< to learn from, to choose by or to judge with
  PictureSetOptions folder = {};  ///< how a folder is read, of pictures or of shards
  /// What is held out of data that comes in one piece; without it each split is all of it.
  std::optional<models::HeldOut> held_out = {};
};

/// Opens a split of a folder: an ImageList where it is a list, a WebDataset where it holds archives
/// *.tar, otherwise an ImageFolder.
/// Without classes those of shards are the lines of DIR/classes.txt, or where there is none
/// numbers.
/// Throws   as ImageFolder and WebDataset; IoError when there is no such split; ParseError naming
///          both when it holds archives and folders; ArgumentError for a root, which a folder has
///          not.
std::shared_ptr<PictureSet> open_folder(const DataChoice& choice);

/// Opens them; a loader gives their images as f32 in [0, 1].
/// Throws   ArgumentError when `data` is neither; as StoredDataset and open_folder.
std::shared_ptr<data::Dataset> open_data(const DataChoice& choice);

}  // namespace fovea::vision
