#include "apps/serve/api/data_routes.h"

#include <algorithm>
#include <cstddef>

#include "apps/serve/api/json_response.h"
#include "apps/serve/api/query_reader.h"
#include "apps/serve/api/samples_sheet.h"
#include "fovea/core/error.h"
#include "fovea/io/base64.h"
#include "fovea/io/json.h"
#include "fovea/vision/open_data.h"

namespace fovea::serve {

namespace {

constexpr std::size_t kOpen = 4;
constexpr std::int64_t kSide = 96, kMostTiles = 200, kMostSamples = 1'000'000'000;
constexpr std::int64_t kMostCheckedPictures = 20'000;  // a minute's reading

std::string key_of(const std::string& name, vision::Split split) {
  return name + (split == vision::Split::kTrain ? " train" : " test");
}

vision::Split split_of(const QueryReader& query) {
  const std::string word = query.text_or("split", "test");
  if (word == "train") return vision::Split::kTrain;
  if (word == "test") return vision::Split::kTest;
  throw BadRequest("split expected train or test");
}

/// Samples of each class, by its name: another split may have others, or in another order.
std::vector<std::int64_t> class_counts(const data::Dataset* dataset,
                                       const std::vector<std::string>& names) {
  std::vector<std::int64_t> counts(names.size(), 0);
  if (dataset == nullptr) return counts;
  std::vector<std::size_t> places;
  for (const std::string& name : dataset->classes())
    places.push_back(static_cast<std::size_t>(std::ranges::find(names, name) - names.begin()));
  for (const std::vector<std::int64_t>& labels : dataset->label_sets())
    for (const std::int64_t label : labels)
      if (label >= 0 && label < std::ssize(places))
        ++counts[places[static_cast<std::size_t>(label)]];
  return counts;
}

const vision::DataSetInfo* known(const std::string& name) {
  const auto& all = vision::data_sets();
  const auto found = std::ranges::find(all, name, &vision::DataSetInfo::name);
  return found == all.end() ? nullptr : &*found;
}

/// The splits of a data set; null for one that it does not have.
struct Splits {
  std::shared_ptr<const data::Dataset> train, test;

  const data::Dataset& any() const { return test ? *test : *train; }
  /// Those of the training data, and what the test data has besides.
  std::vector<std::string> classes() const {
    std::vector<std::string> names = any().classes();
    if (!train || !test) return names;
    names = train->classes();
    for (const std::string& name : test->classes())
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    return names;
  }
};

/// Throws   NotFound when neither is there.
Splits splits_of(const DataShelf& shelf, const std::string& name) {
  Splits splits;
  std::string problem;
  const auto open = [&](vision::Split split) -> std::shared_ptr<const data::Dataset> {
    try {
      return shelf.open(name, split);
    } catch (const IoError& error) {
      problem = error.what();
    } catch (const ParseError& error) {
      problem = error.what();
    }
    return nullptr;
  };
  splits.train = open(vision::Split::kTrain);
  splits.test = open(vision::Split::kTest);
  if (!splits.train && !splits.test) throw NotFound(problem);
  return splits;
}

io::Json json_of(const std::vector<vision::CorruptImage>& unreadable) {
  io::Json list = io::Json::array();
  for (const vision::CorruptImage& one : unreadable)
    list.push_back({{"name", one.name}, {"message", one.message}});
  return list;
}

/// The sizes of the first picture that can be read; [0, 0, 0] where none of the first few can.
io::Json image_size_of(const data::Dataset& dataset) {
  constexpr std::int64_t kTries = 20;
  for (std::int64_t i = 0; i < std::min(kTries, dataset.size()); ++i) {
    try {
      const io::Image picture = picture_of_sample(dataset, i);
      return {picture.size(0), picture.size(1), picture.size(2)};
    } catch (const Error&) {
      // It is among the unreadable ones.
    }
  }
  return {0, 0, 0};
}

Response data_response(const DataShelf& shelf, const Request& request) {
  const std::string name = QueryReader(request).text("name");
  const Splits splits = splits_of(shelf, name);
  const std::vector<std::string> names = splits.classes();
  const std::vector<std::int64_t> of_test = class_counts(splits.test.get(), names);
  const std::vector<std::int64_t> of_train = class_counts(splits.train.get(), names);
  io::Json classes = io::Json::array();
  for (std::size_t i = 0; i < names.size(); ++i)
    classes.push_back({{"name", names[i]}, {"train", of_train[i]}, {"test", of_test[i]}});
  const Text uneven = uneven_note(names, splits.train ? of_train : of_test);
  io::Json unreadable = io::Json::array();
  for (const auto split : {vision::Split::kTrain, vision::Split::kTest}) {
    if (!(split == vision::Split::kTrain ? splits.train : splits.test)) continue;
    const auto found = shelf.unreadable(name, split);
    if (!found) {  // more than are looked at
      unreadable = {};
      break;
    }
    for (io::Json& one : json_of(*found)) unreadable.push_back(std::move(one));
  }
  const vision::DataSetInfo* const info = known(name);
  return json_response(
      {{"name", name},
       {"title", info ? info->title : name},
       {"classes", classes},
       {"image", image_size_of(splits.any())},
       {"uneven",
        uneven.empty() ? io::Json() : io::Json{{"en", uneven.english}, {"ko", uneven.korean}}},
       {"unreadable", unreadable},
       {"train", splits.train ? splits.train->size() : 0},
       {"test", splits.test ? splits.test->size() : 0},
       {"source", info ? info->source : ""},
       {"licence", info ? info->licence : ""}});
}

Response sheet_response(const DataShelf& shelf, const Request& request) {
  const QueryReader query(request);
  const std::string name = query.text("name");
  const auto dataset = shelf.open(name, split_of(query));
  const std::vector<std::vector<std::int64_t>> labels = dataset->label_sets();
  // A class by its place in the list of /api/data, of the labels of this split.
  std::optional<std::int64_t> wanted = query.maybe_whole("class", 0, kMostSamples);
  if (wanted) {
    const std::vector<std::string> names = splits_of(shelf, name).classes();
    const std::string of =
        *wanted < std::ssize(names) ? names[static_cast<std::size_t>(*wanted)] : "";
    wanted = std::ranges::find(dataset->classes(), of) - dataset->classes().begin();
  }
  const std::int64_t from = query.whole_or("from", 0, 0, kMostSamples);
  const std::int64_t count = query.whole_or("count", 40, 1, kMostTiles);
  std::vector<std::int64_t> shown;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < labels.size() && std::ssize(shown) < count; ++i) {
    if (wanted && std::ranges::find(labels[i], *wanted) == labels[i].end()) continue;
    if (seen++ >= from) shown.push_back(static_cast<std::int64_t>(i));
  }
  io::Json items = io::Json::array();
  for (const std::int64_t i : shown) {
    std::string names;
    const auto& own = labels[static_cast<std::size_t>(i)];
    for (const std::int64_t label : own) {
      const auto at = static_cast<std::size_t>(label);
      names += (names.empty() ? "" : ", ") +
               (at < dataset->classes().size() ? dataset->classes()[at] : std::to_string(label));
    }
    items.push_back({{"index", i}, {"label", own.empty() ? -1 : own.front()}, {"class", names}});
  }
  io::Json json = json_of(sheet_of_samples(*dataset, shown));
  json["items"] = items;
  return json_response(json);
}

Response picture_response(const DataShelf& shelf, const Request& request) {
  const QueryReader query(request);
  const auto dataset = shelf.open(query.text("name"), split_of(query));
  const std::int64_t index = query.whole("index", 0, dataset->size() - 1);
  const std::vector<std::byte> png = io::encode_png(picture_of_sample(*dataset, index));
  return {.type = "image/png",
          .body = std::string(reinterpret_cast<const char*>(png.data()), png.size())};
}

}  // namespace

DataShelf::DataShelf(const Allowed& allowed)
    : allowed_(allowed), open_(kOpen), unreadable_(kOpen) {}

std::shared_ptr<const data::Dataset> DataShelf::open(const std::string& name,
                                                     vision::Split split) const {
  allowed_.data(name);
  const std::string key = key_of(name, split);
  const std::lock_guard lock(mutex_);
  if (const auto* const kept = open_.find(key)) return *kept;
  const bool folder = vision::names_folder(name);
  vision::DataChoice choice{
      .data = name, .root = folder ? std::string() : allowed_.data_root, .split = split};
  if (folder) {
    choice.folder.channels = 3;  // to find out would decode pictures, which may be no pictures
    choice.folder.image_transform = vision::scaled_and_cut(kSide);
  }
  return open_.put(key, vision::open_data(choice));
}

std::optional<std::vector<vision::CorruptImage>> DataShelf::unreadable(const std::string& name,
                                                                       vision::Split split) const {
  const auto dataset = open(name, split);
  const auto* const pictures = dynamic_cast<const vision::PictureSet*>(dataset.get());
  if (pictures == nullptr) return std::vector<vision::CorruptImage>();
  if (pictures->size() > kMostCheckedPictures) return std::nullopt;
  const std::string key = key_of(name, split);
  {
    const std::lock_guard lock(mutex_);
    if (const auto* const kept = unreadable_.find(key)) return *kept;
  }
  std::vector<vision::CorruptImage> found = pictures->check_images().corrupt;
  const std::lock_guard lock(mutex_);
  return unreadable_.put(key, std::move(found));
}

Text uneven_note(const std::vector<std::string>& classes, const std::vector<std::int64_t>& counts) {
  if (counts.size() < 2 || counts.size() != classes.size()) return {};
  const auto [least, most] = std::ranges::minmax_element(counts);
  if (*most < 2 * std::max<std::int64_t>(*least, 1)) return {};
  const std::string& small = classes[static_cast<std::size_t>(least - counts.begin())];
  const std::string& large = classes[static_cast<std::size_t>(most - counts.begin())];
  const std::string few = std::to_string(*least), many = std::to_string(*most);
  return {
      "Classes are uneven: " + large + " has " + many + " pictures, " + small + " " + few +
          ". Accuracy alone hides how the small ones are told; class weights (\"balanced\") may "
          "help.",
      "클래스별 이미지 수가 고르지 않습니다. " + large + "은(는) " + many + "장인데 " + small +
          "은(는) " + few +
          "장입니다. 정확도만 보면 적은 클래스가 가려지므로, 클래스 "
          "가중치(balanced)를 써 보십시오."};
}

void add_data(Router& router, const DataShelf& shelf) {
  router.get("/api/data", [&](const Request& request) { return data_response(shelf, request); });
  router.get("/api/sheet", [&](const Request& request) { return sheet_response(shelf, request); });
  router.get("/api/picture",
             [&](const Request& request) { return picture_response(shelf, request); });
}

}  // namespace fovea::serve
