#include "fovea/vision/data_sets.h"

#include <cstdlib>
#include <optional>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/core/suggest.h"

namespace fovea::vision {

namespace {

namespace fs = std::filesystem;

// A file of samples as published, or unpacked; nothing when neither is there.
std::optional<FileLocation> locate(const DataSetInfo& info, const DataFile& file,
                                   const fs::path& folder) {
  const PublishedFile& published = info.published[file.published];
  std::error_code error;
  if (fs::exists(folder / published.name, error)) {
    return FileLocation{folder / published.name,
                        published.packing == Packing::kTarGzip ? file.path : std::string()};
  }
  if (fs::exists(folder / file.path, error)) return FileLocation{folder / file.path};
  return std::nullopt;
}

// Whether all that a published file holds is there.
bool is_there(const DataSetInfo& info, std::size_t published, const fs::path& folder) {
  for (const Split split : {Split::kTrain, Split::kTest}) {
    for (const DataFile& file : info.files(split)) {
      if (file.published == published && !locate(info, file, folder)) return false;
    }
  }
  return true;
}

DataSetState state_in(const DataSetInfo& info, const fs::path& root) {
  DataSetState state{.folder = root / info.name, .present = {}, .missing = {}};
  for (std::size_t i = 0; i < info.published.size(); ++i)
    (is_there(info, i, state.folder) ? state.present : state.missing)
        .push_back(info.published[i].name);
  return state;
}

// "a.gz and b.gz": the published files that a split is in.
std::string published_names(const DataSetInfo& info, Split split) {
  std::vector<std::string> names;
  for (const DataFile& file : info.files(split)) {
    const std::string& name = info.published[file.published].name;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += str(i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
  }
  return text;
}

Text how_to_get(const DataSetInfo& info) {
  const std::string download = str("\"fovea data download ", info.name, "\"");
  const std::string package = str("\"apt install ", info.debian_package, "\"");
  const bool packed = !info.debian_package.empty();
  return {str("get it with ", download, packed ? " or " + package : ""),
          str(download, packed ? " 또는 " + package : "", " 명령으로 받을 수 있습니다")};
}

}  // namespace

std::vector<std::string> data_set_names() {
  std::vector<std::string> names;
  for (const DataSetInfo& info : data_sets()) names.push_back(info.name);
  return names;
}

const DataSetInfo& data_set(const std::string& name) {
  for (const DataSetInfo& info : data_sets())
    if (info.name == name) return info;
  const std::vector<std::string> names = data_set_names();
  const Text meant = meant_word(name, names);
  throw InBoth<ArgumentError>(
      {str("data: name expected one of ", join_words(names), ", got \"", name, "\"", meant.english),
       str("data: ", join_words(names), " 가운데 하나여야 하는데 \"", name, "\"입니다",
           meant.korean)});
}

std::vector<fs::path> data_roots(const fs::path& explicit_root) {
  if (!explicit_root.empty()) return {explicit_root};
  std::vector<fs::path> roots;
  const auto add = [&](const char* variable, const char* below) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') roots.push_back(fs::path(value) / below);
  };
  add("FOVEA_DATA", "");
  add("HOME", ".cache/fovea");
  roots.emplace_back("/usr/share/datasets");
  return roots;
}

fs::path download_root(const fs::path& explicit_root) {
  const std::vector<fs::path> roots = data_roots(explicit_root);
  // The last one belongs to the system's packages.
  check<ArgumentError>(!explicit_root.empty() || roots.size() > 1,
                       "data: place for downloads expected in --data-root, FOVEA_DATA or HOME, got "
                       "none");
  return roots.front();
}

std::vector<FileLocation> find_split(const DataSetInfo& info, Split split,
                                     const fs::path& explicit_root) {
  Text looked_in;
  for (const fs::path& root : data_roots(explicit_root)) {
    const fs::path folder = root / info.name;
    std::vector<FileLocation> found;
    std::string absent;  // the first one
    for (const DataFile& file : info.files(split)) {
      const PublishedFile& published = info.published[file.published];
      if (auto location = locate(info, file, folder))
        found.push_back(std::move(*location));
      else if (absent.empty())
        absent = published.packing == Packing::kTarGzip ? file.path : published.name;
    }
    if (absent.empty()) return found;
    // Some of them: the usual trace of files copied by hand.
    const bool some = !found.empty();
    const std::string place = str(looked_in.empty() ? "" : ", ", folder.native());
    looked_in.english += some ? str(place, " (without ", absent, ")") : place;
    looked_in.korean += some ? str(place, " (", absent, " 없음)") : place;
  }
  const std::string wanted = published_names(info, split);
  const Text way = how_to_get(info);
  throw InBoth<IoError>({str(info.name, ": ", wanted, " expected in ", looked_in.english,
                             ", got none (", way.english, ")"),
                         str(info.name, ": ", wanted, " 파일이 ", looked_in.korean, "에 없습니다 (",
                             way.korean, ")")});
}

DataSetState data_set_state(const DataSetInfo& info, const fs::path& explicit_root) {
  DataSetState best;
  for (const fs::path& root : data_roots(explicit_root)) {
    DataSetState state = state_in(info, root);
    if (state.complete()) return state;
    if (best.folder.empty() || state.present.size() > best.present.size()) best = std::move(state);
  }
  return best;
}

fs::path download_data_set(const DataSetInfo& info, const fs::path& explicit_root,
                           const DownloadOptions& options) {
  fs::path folder = download_root(explicit_root) / info.name;
  for (const PublishedFile& file : info.published) {
    Download download{
        .urls = {}, .target = folder / file.name, .bytes = file.bytes, .sha256 = file.sha256};
    for (const std::string& mirror : info.mirrors) download.urls.push_back(mirror + file.name);
    download_file(download, options);
  }
  return folder;
}

}  // namespace fovea::vision
