// Pictures sorted into folders by what they show, as ImageNet is laid out:
//
//   FOLDER/cat/1.jpg   FOLDER/cat/more/2.png   FOLDER/dog/3.jpeg
//
// Each folder in FOLDER is a class; classes are numbered by their names in alphabetical (byte)
// order. Files end in .png, .jpg or .jpeg, in upper or lower case; others are left alone, and so
// are folders whose name begins with a dot. Folders in a class's folder belong to the class; links
// are followed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

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

}  // namespace fovea::vision
