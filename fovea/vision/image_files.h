// Pictures sorted into folders by what they show, as ImageNet is laid out:
//
//   FOLDER/cat/1.jpg   FOLDER/cat/more/2.png   FOLDER/dog/3.jpeg
//
// Each folder in FOLDER is a class; classes are numbered by their names in alphabetical (byte) order.
// Files end in .png, .jpg or .jpeg, in upper or lower case; others are left alone, and so are folders
// whose name begins with a dot. Folders in a class's folder belong to the class; links are followed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fovea/data/window_transform.h"

namespace fovea::vision {

/// A picture file and its class.
struct ImageFile {
  std::filesystem::path path;  ///< of the file, below the folder as it was given
  std::int64_t label = 0;      ///< index of its class
};

/// What is in a folder.
struct ImageListing {
  std::vector<std::string> classes;  ///< names by index
  std::vector<ImageFile> files;  ///< by class, then folder, then name, as torchvision sorts them
  std::int64_t others = 0;       ///< files that are no pictures by their names
};

/// Lists the pictures in `folder`. The classes are those given, of which some may have no pictures;
/// or, where none are given, those of the folder.
/// Throws   IoError when a folder cannot be read; ParseError when there are no classes, a class has
///          no pictures, or a folder is none of the given classes.
ImageListing list_images(const std::filesystem::path& folder,
                         const std::vector<std::string>& classes = {});

/// A picture that cannot be read.
struct CorruptImage {
  std::filesystem::path path;  ///< of the file
  std::string message;         ///< what is wrong, with the path
};

/// Told from the calling thread how many of how many pictures have been looked at.
using ImageProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// What reading every picture has shown.
struct ImageCheck {
  std::vector<CorruptImage> corrupt;    ///< in the files' order
  std::vector<std::int64_t> readable;   ///< numbers of the other files
  std::vector<std::int64_t> per_class;  ///< readable pictures of each class
  std::int64_t grey = 0;                ///< readable pictures with one channel
  data::ImageSize least, most;          ///< of the heights and of the widths, each by itself
};

/// Reads all pictures of a listing, on all threads.
/// Throws   IoError when a file cannot be opened; a picture that cannot be decoded is in the result.
ImageCheck check_images(const ImageListing& listing, const ImageProgress& progress = {});

}  // namespace fovea::vision
