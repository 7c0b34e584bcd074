// The page's files, as the build has embedded them: there is no file system behind their addresses.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace fovea::serve {

/// A file of the page.
struct Asset {
  std::string type;           ///< "text/javascript; charset=utf-8"
  std::string_view packed;    ///< its bytes, packed with gzip
  bool is_immutable = false;  ///< its name tells its content
};

/// By path: "/", "/app.0F3A.js".
using Assets = std::map<std::string, Asset, std::less<>>;

/// The page's files: a source that the build makes, see cmake/FoveaPage.cmake.
const Assets& page_assets();

/// The bytes of an asset, unpacked. Throws ParseError when it is damaged.
std::string unpacked(const Asset& asset);

}  // namespace fovea::serve
