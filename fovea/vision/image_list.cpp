#include "fovea/vision/image_list.h"

#include <algorithm>
#include <map>
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

/// The name of a class.
struct ListedLabel {
  std::string name;
  std::int64_t line = 0;
};

/// A row of the list, or several of one picture.
struct ListRow {
  std::string path;  // as it is written
  std::vector<ListedLabel> labels;
  std::int64_t line = 0;  // of the first of them
};

/// What a list says.
struct Listing {
  std::vector<ListRow> rows;
  data::Targets targets = data::Targets::kSingleLabel;
};

/// Where path and classes stand in a row.
struct Columns {
  std::size_t path = 0;
  std::size_t label = 1;
  std::size_t count = 2;
  bool named = false;  // by a first row that is a heading
  data::Targets targets = data::Targets::kSingleLabel;
};

/// Without the blanks around it.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

/// Number of the first field that is one of `words`, in capitals or not and with or without blanks
/// around it; that of the end for none.
std::size_t find_field(const io::CsvRow& row, std::initializer_list<std::string_view> words) {
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    std::string field(trimmed(row.fields[i]));
    for (char& c : field) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::find(words.begin(), words.end(), field) != words.end()) return i;
  }
  return row.fields.size();
}

Columns columns_of(const io::CsvRow& first) {
  const std::size_t count = first.fields.size();
  const std::size_t path = find_field(first, {"path", "file", "filename", "image"});
  const std::size_t one = find_field(first, {"label", "class"});
  const std::size_t several = find_field(first, {"labels", "classes", "tags"});
  if (path == count || (one == count && several == count)) return {};
  return {.path = path,
          .label = one < count ? one : several,
          .count = count,
          .named = true,
          .targets = one < count ? data::Targets::kSingleLabel : data::Targets::kMultiLabel};
}

/// The names in a field of a multi-label list.
std::vector<ListedLabel> split_labels(std::string_view field, std::int64_t line) {
  constexpr std::string_view kBetween = ";|";
  std::vector<ListedLabel> labels;
  for (std::size_t begin = 0; begin <= field.size();) {
    const std::size_t end = std::min(field.find_first_of(kBetween, begin), field.size());
    const std::string_view name = trimmed(field.substr(begin, end - begin));
    if (!name.empty()) labels.push_back({.name = std::string(name), .line = line});
    begin = end + 1;
  }
  return labels;
}

/// Rows of one picture as one, where the first of them stood. However its path is written:
/// "./1.png" is "1.png".
std::vector<ListRow> joined(std::vector<ListRow> rows) {
  std::map<fs::path, std::size_t> places;
  std::vector<ListRow> pictures;
  for (ListRow& row : rows) {
    const auto [place, is_new] =
        places.emplace(fs::path(row.path).lexically_normal(), pictures.size());
    if (is_new) {
      pictures.push_back(std::move(row));
    } else {
      std::vector<ListedLabel>& labels = pictures[place->second].labels;
      labels.insert(labels.end(), row.labels.begin(), row.labels.end());
    }
  }
  return pictures;
}

/// What to say of a row that looks as if something else than commas stood between its fields.
const char* comma_hint(const io::CsvRow& row) {
  const bool other =
      row.fields.size() == 1 && row.fields[0].find_first_of(";|\t") != std::string::npos;
  return other ? "; commas stand between fields" : "";
}

Listing read_listing(const fs::path& list) {
  const std::string name = list.string();
  std::vector<io::CsvRow> table = io::parse_csv(io::read_text(list, kMostListBytes), name);
  const Columns columns = table.empty() ? Columns() : columns_of(table.front());
  const bool multi = columns.targets == data::Targets::kMultiLabel;
  std::vector<ListRow> rows;
  for (std::size_t i = columns.named ? 1 : 0; i < table.size(); ++i) {
    io::CsvRow& row = table[i];
    std::vector<std::string>& fields = row.fields;
    const auto wrong = [&](const auto&... what) {
      throw ParseError(str("image_list: ", what..., " (", name, ", line ", row.line, ")"));
    };
    if (fields.size() != columns.count)
      wrong("row expected ", columns.count, " fields", columns.named ? " as the heading" : "",
            ", got ", fields.size(), comma_hint(row));
    if (fields[columns.path].empty()) wrong("path of a picture expected, got none");
    const std::string& label = fields[columns.label];
    if (!multi && label.empty()) wrong("class of a picture expected, got none");
    rows.push_back({.path = std::move(fields[columns.path]),
                    .labels = multi ? split_labels(label, row.line)
                                    : std::vector<ListedLabel>{{.name = label, .line = row.line}},
                    .line = row.line});
  }
  check<ParseError>(!rows.empty(), "image_list: rows with a path and a class expected in ", name,
                    ", got none");
  return {.rows = multi ? joined(std::move(rows)) : std::move(rows), .targets = columns.targets};
}

bool is_whole(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  return text.size() <= kMostDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The classes of the list's rows, in order. Throws ParseError when there are none.
std::vector<std::string> classes_of(const std::vector<ListRow>& rows, const fs::path& list) {
  std::vector<std::string> classes;
  classes.reserve(rows.size());
  for (const ListRow& row : rows) {
    for (const ListedLabel& label : row.labels) classes.push_back(label.name);
  }
  check<ParseError>(!classes.empty(), "image_list: a row with a class at least expected in ",
                    list.string(), ", got none");
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  if (std::all_of(classes.begin(), classes.end(), is_whole)) {
    std::stable_sort(classes.begin(), classes.end(),
                     [](const auto& a, const auto& b) { return std::stoll(a) < std::stoll(b); });
  }
  return classes;
}

/// The indices of a row's classes, ascending. Throws ParseError when one is none of `classes`.
std::vector<std::int64_t> labels_in(const std::vector<std::string>& classes, const ListRow& row,
                                    const fs::path& list) {
  std::vector<std::int64_t> labels;
  for (const auto& [name, line] : row.labels) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    check<ParseError>(found != classes.end(), "image_list: class expected one of the ",
                      classes.size(), " of the training, got \"", name, "\"",
                      did_you_mean(name, classes), " (", list.string(), ", line ", line, ")");
    labels.push_back(found - classes.begin());
  }
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

}  // namespace

ImageList::ImageList(fs::path list, const PictureSetOptions& options,
                     const std::optional<Part>& part)
    : PictureSet(options, "image_list"), list_(std::move(list)) {
  const auto [rows, targets] = read_listing(list_);
  targets_ = targets;
  const bool multi = targets_ == data::Targets::kMultiLabel;
  const std::vector<std::string> all = classes().empty() ? classes_of(rows, list_) : classes();
  std::vector<std::string> names;
  std::vector<std::int64_t> groups;  // of which each is split
  for (const ListRow& row : rows) {
    const fs::path path = list_.parent_path() / row.path;
    std::error_code error;
    check<ParseError>(options.skip_corrupt || fs::exists(path, error),
                      "image_list: picture expected at ", path.string(), ", got none (",
                      list_.string(), ", line ", row.line, ")");
    files_.push_back({path, labels_in(all, row, list_)});
    names.push_back(row.path);
    groups.push_back(multi ? 0 : files_.back().labels.front());
  }
  if (part) {
    keep(samples_of(*part, names, groups));
    part_ = str(", ", describe(*part));
    check<ParseError>(!files_.empty(), "image_list: pictures that can be held out expected in ",
                      list_.string(), multi ? ", two" : ", two of a class", " at least, got none");
  }
  look_at_pictures(all);
}

io::Image ImageList::read(std::int64_t index, io::Channels channels) const {
  return io::read_image(file(index).path, channels, max_pixels());
}

void ImageList::keep(std::span<const std::int64_t> samples) {
  std::vector<ListedFile> kept;
  for (const std::int64_t i : samples) kept.push_back(file(i));
  files_ = std::move(kept);
}

std::shared_ptr<PictureSet> ImageList::copy() const { return std::make_shared<ImageList>(*this); }

Checksums ImageList::checksums() const {
  Sha256 sha;
  // What a class each says is hashed as before there were lists of several.
  if (targets_ == data::Targets::kMultiLabel)
    sha.update(std::as_bytes(std::span(std::string_view(word_of(targets_)))));
  for (const ListedFile& file : files_) {
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(file.path, error);
    check<IoError>(!error, "image_list: ", file.path.native(), " expected to be there, got \"",
                   error.message(), "\"");
    std::string line =
        str(file.path.lexically_proximate(list_.parent_path()).generic_string(), '\0');
    for (const std::int64_t label : file.labels)
      line += str(classes()[static_cast<std::size_t>(label)], '\0');
    line += str(bytes, '\n');
    sha.update(std::as_bytes(std::span(line)));
  }
  return {{str(list_.filename().native(), " (names, classes and lengths of ", files_.size(),
               " files", part_, ")"),
           sha.hex()}};
}

}  // namespace fovea::vision
