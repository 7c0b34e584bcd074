#include "fovea/vision/image_list.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/io/csv.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/read_file.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostListBytes = std::uint64_t{1} << 30;

/// A row of the list.
struct ListRow {
  std::string path;   // as it is written
  std::string label;  // the class's name
  std::int64_t line = 0;
};

/// Where path and class stand in a row.
struct Columns {
  std::size_t path = 0;
  std::size_t label = 1;
  std::size_t count = 2;
  bool named = false;  // by a first row that is a heading
};

/// Number of the first field that is one of `words`, in capitals or not; that of the end for none.
std::size_t find_field(const io::CsvRow& row, std::initializer_list<std::string_view> words) {
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    std::string field = row.fields[i];
    for (char& c : field) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::find(words.begin(), words.end(), field) != words.end()) return i;
  }
  return row.fields.size();
}

Columns columns_of(const io::CsvRow& first) {
  const std::size_t count = first.fields.size();
  const std::size_t path = find_field(first, {"path", "file", "filename", "image"});
  const std::size_t label = find_field(first, {"label", "class"});
  if (path == count || label == count) return {};
  return {.path = path, .label = label, .count = count, .named = true};
}

std::vector<ListRow> read_rows(const fs::path& list) {
  const std::string name = list.string();
  std::vector<io::CsvRow> table = io::parse_csv(io::read_text(list, kMostListBytes), name);
  const Columns columns = table.empty() ? Columns() : columns_of(table.front());
  std::vector<ListRow> rows;
  for (std::size_t i = columns.named ? 1 : 0; i < table.size(); ++i) {
    io::CsvRow& row = table[i];
    std::vector<std::string>& fields = row.fields;
    const auto wrong = [&](const auto&... what) {
      throw ParseError(str("image_list: ", what..., " (", name, ", line ", row.line, ")"));
    };
    if (fields.size() != columns.count)
      wrong("row expected ", columns.count, " fields", columns.named ? " as the heading" : "",
            ", got ", fields.size());
    if (fields[columns.path].empty()) wrong("path of a picture expected, got none");
    if (fields[columns.label].empty()) wrong("class of a picture expected, got none");
    rows.push_back({std::move(fields[columns.path]), std::move(fields[columns.label]), row.line});
  }
  check<ParseError>(!rows.empty(), "image_list: rows with a path and a class expected in ", name,
                    ", got none");
  return rows;
}

bool is_whole(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  return text.size() <= kMostDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The classes of the list's rows, in order.
std::vector<std::string> classes_of(const std::vector<ListRow>& rows) {
  std::vector<std::string> classes;
  classes.reserve(rows.size());
  for (const ListRow& row : rows) classes.push_back(row.label);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  if (std::all_of(classes.begin(), classes.end(), is_whole)) {
    std::stable_sort(classes.begin(), classes.end(),
                     [](const auto& a, const auto& b) { return std::stoll(a) < std::stoll(b); });
  }
  return classes;
}

/// The index of a row's class. Throws ParseError when it is none of `classes`.
std::int64_t label_in(const std::vector<std::string>& classes, const ListRow& row,
                      const fs::path& list) {
  const auto found = std::find(classes.begin(), classes.end(), row.label);
  check<ParseError>(found != classes.end(), "image_list: class expected one of the ",
                    classes.size(), " of the training, got \"", row.label, "\"",
                    did_you_mean(row.label, classes), " (", list.string(), ", line ", row.line,
                    ")");
  return found - classes.begin();
}

}  // namespace

ImageList::ImageList(fs::path list, const PictureSetOptions& options,
                     const std::optional<Part>& part)
    : PictureSet(options, "image_list"), list_(std::move(list)) {
  const std::vector<ListRow> rows = read_rows(list_);
  const std::vector<std::string> all = classes().empty() ? classes_of(rows) : classes();
  std::vector<std::string> names;
  std::vector<std::int64_t> labels;
  for (const ListRow& row : rows) {
    const fs::path path = list_.parent_path() / row.path;
    std::error_code error;
    check<ParseError>(options.skip_corrupt || fs::exists(path, error),
                      "image_list: picture expected at ", path.string(), ", got none (",
                      list_.string(), ", line ", row.line, ")");
    files_.push_back({path, label_in(all, row, list_)});
    names.push_back(row.path);
    labels.push_back(files_.back().label);
  }
  if (part) {
    keep(samples_of(*part, names, labels));
    part_ = str(", ", describe(*part));
    check<ParseError>(!files_.empty(), "image_list: pictures that can be held out expected in ",
                      list_.string(), ", two of a class at least, got none");
  }
  look_at_pictures(all);
}

io::Image ImageList::read(std::int64_t index, io::Channels channels) const {
  return io::read_image(file(index).path, channels, max_pixels());
}

void ImageList::keep(std::span<const std::int64_t> samples) {
  std::vector<ImageFile> kept;
  for (const std::int64_t i : samples) kept.push_back(file(i));
  files_ = std::move(kept);
}

std::shared_ptr<PictureSet> ImageList::copy() const { return std::make_shared<ImageList>(*this); }

Checksums ImageList::checksums() const {
  Sha256 sha;
  for (const ImageFile& file : files_) {
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(file.path, error);
    check<IoError>(!error, "image_list: ", file.path.native(), " expected to be there, got \"",
                   error.message(), "\"");
    const std::string line =
        str(file.path.lexically_proximate(list_.parent_path()).generic_string(), '\0',
            classes()[static_cast<std::size_t>(file.label)], '\0', bytes, '\n');
    sha.update(std::as_bytes(std::span(line)));
  }
  return {{str(list_.filename().native(), " (names, classes and lengths of ", files_.size(),
               " files", part_, ")"),
           sha.hex()}};
}

}  // namespace fovea::vision
