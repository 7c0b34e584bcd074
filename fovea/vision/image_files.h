// Pictures sorted into folders by what they show, as ImageNet is laid out:
//
//   FOLDER/cat/1.jpg   FOLDER/cat/more/2.png   FOLDER/dog/3.jpeg
//
// Each folder in FOLDER is a class; classes are numbered by their names in alphabetical (byte)
// order. Files end in .png, .jpg, .jpeg, .webp, .bmp, .tif or .tiff, in upper or lower case; others
// are left alone and counted. Folders in a class's folder belong to the class; links are followed.
// On every level what is hidden is passed over: names that begin with a dot, and the folder
// __MACOSX that macOS puts into its archives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::vision {

/// A picture file and its class.
struct ImageFile {
  std::filesystem::path path;  ///< of the file, below the folder as it was given
  std::int64_t label = 0;      ///< index of its class
};

/// Files by the ending of their names, in small letters: {".txt", 2}; "" for those without one.
using CountByEnding = std::map<std::string, std::int64_t>;

/// What is in a folder.
struct ImageListing {
  std::vector<std::string> classes;  ///< names by index
  std::vector<ImageFile> files;  ///< by class, then folder, then name, as torchvision sorts them
  CountByEnding others = {};     ///< files that are no pictures by their names
  std::int64_t strays = 0;       ///< pictures that lie beside the classes' folders
  std::vector<std::filesystem::path> broken = {};  ///< links beside the folders, to nothing
};

/// Whether an ending, in small letters and with its dot, is that of a format that can be read.
bool is_picture_ending(std::string_view ending);
/// Those endings: ".png, .jpg, ...".
std::string picture_endings();
/// Whether a name is that of a file or folder which is passed over. See the head of this file.
bool is_hidden(std::string_view name);
/// ".jpg" of "a.JPG"; "" of "a".
std::string small_ending(const std::filesystem::path& path);
/// "3 .gif, 1 .txt, 2 without an ending": the most frequent first.
std::string list_endings(const CountByEnding& endings);
/// "3 files that are no pictures by their endings: 2 .txt, 1 .gif"; empty for none.
std::string describe_others(const CountByEnding& others);
/// What was left alone in a folder, in a line each; none for nothing.
std::vector<std::string> describe_left_out(const ImageListing& listing);

/// The pictures in a folder and in the folders in it, whatever they show.
struct PictureListing {
  std::vector<std::filesystem::path> files;  ///< by folder, then name
  CountByEnding others = {};                 ///< files that are no pictures by their names
};

/// Lists the pictures in `folder`. Throws IoError when it cannot be read.
PictureListing list_pictures(const std::filesystem::path& folder);

/// Lists the pictures in `folder` by class. The classes are those given, of which some may have no
/// pictures; or, where none are given, those of the folder.
/// Throws   IoError when a folder cannot be read; ParseError when there are no classes, a class has
///          no pictures, or a folder is none of the given classes.
ImageListing list_images(const std::filesystem::path& folder,
                         const std::vector<std::string>& classes = {});

}  // namespace fovea::vision
