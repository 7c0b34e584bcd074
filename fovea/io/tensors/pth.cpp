#include "fovea/io/tensors/pth.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/archive/zip.h"
#include "fovea/io/bytes.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/file_arrays.h"
#include "fovea/io/tensors/pickle.h"
#include "fovea/io/tensors/pth_tensors.h"

namespace fovea::io {

namespace {

// A state_dict takes some hundred bytes of pickle a tensor.
constexpr std::uint64_t kMaxPickleBytes = std::uint64_t{64} << 20;
constexpr std::string_view kPickle = "/data.pkl";

// How older files begin: a pickle of the magic number 0x1950a86a20f9469cfc6c, and one of 1001.
constexpr unsigned char kLegacyStart[] = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c,
                                          0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
                                          '.',  0x80, 0x02, 'M',  0xe9, 0x03, '.'};

// --- The ZIP form --------------------------------------------------------------------------------

// A file in its ZIP form: the archive, and the folder within it that all entries lie in.
class ZipForm {
 public:
  explicit ZipForm(const FileBytes& file)
      : file_(file), zip_(std::make_shared<const ZipArchive>(file)) {
    const auto& entries = zip_->entries();
    const auto found = std::find_if(entries.begin(), entries.end(), [](const ZipEntry& entry) {
      return entry.name.ends_with(kPickle);
    });
    check<ParseError>(found != entries.end(), "pth: archive expected an entry data.pkl, got none (",
                      file.name, ", byte 0)");
    folder_ = found->name.substr(0, found->name.size() - kPickle.size() + 1);
    // The code of a TorchScript file stands in its pickle as names that no list could hold.
    check<ParseError>(zip_->find(folder_ + "constants.pkl") == nullptr,
                      "pth: file expected a state_dict, got TorchScript (", file.name, ", byte ",
                      found->header_byte, ")");
  }

  FileArrays read() {
    std::vector<std::vector<std::byte>> scratch;
    const ZipEntry& entry = need("data.pkl");
    const auto content = zip_->open(entry, scratch, kMaxPickleBytes);
    const std::string where = where_of(entry);
    check<ParseError>(content.size() <= kMaxPickleBytes, "pth: pickle expected at most ",
                      kMaxPickleBytes, " bytes, got ", content.size(), " (", where, ", byte 0)");
    std::size_t at = 0;
    const Pickle pickle = read_pickle(content, at, pth_names(), where);
    const bool big_endian = is_big_endian();
    FileArrays result{.part = pth_part(pickle, where)};
    std::map<std::string, PthBytes> storages;  // each is looked at, and its checksum verified, once
    result.arrays = pth_tensors(pickle, where, big_endian, [&](const PthStorage& storage) {
      const auto known = storages.find(storage.key);
      if (known != storages.end()) return known->second;
      const ZipEntry& data = need("data/" + storage.key);
      PthBytes bytes{.bytes = {}, .size = data.size, .where = where_of(data)};
      if (data.method == ZipMethod::kStored) {
        bytes.bytes = zip_->open(data, result.unpacked, kMaxFileBytes);
      } else {  // not as PyTorch writes it: unpacked when it is read
        bytes.unpack = [zip = zip_, &data] { return zip->unpack(data, kMaxFileBytes); };
      }
      return storages.emplace(storage.key, bytes).first->second;
    });
    return result;
  }

 private:
  const ZipEntry& need(const std::string& name) const {
    const ZipEntry* entry = zip_->find(folder_ + name);
    check<ParseError>(entry != nullptr, "pth: archive expected an entry ", printable(name),
                      ", got none (", file_.name, ", byte 0)");
    return *entry;
  }
  std::string where_of(const ZipEntry& entry) const {
    return str(file_.name, ": ", printable(entry.name));
  }
  bool is_big_endian() const {
    const ZipEntry* entry = zip_->find(folder_ + "byteorder");
    if (entry == nullptr) return false;
    std::vector<std::vector<std::byte>> scratch;
    const auto content = zip_->open(*entry, scratch, /*max_bytes=*/16);
    const std::string_view order(reinterpret_cast<const char*>(content.data()), content.size());
    check<ParseError>(order == "little" || order == "big",
                      "pth: byteorder expected little or big, got \"", printable(order), "\" (",
                      where_of(*entry), ", byte 0)");
    return order == "big";
  }

  const FileBytes& file_;
  std::shared_ptr<const ZipArchive> zip_;  // shared with what will be unpacked
  std::string folder_;                     // with the slash at its end
};

// --- The older form ------------------------------------------------------------------------------

class LegacyForm {
 public:
  explicit LegacyForm(const FileBytes& file) : file_(file) {}

  FileArrays read() {
    at_ = sizeof kLegacyStart;
    const bool big_endian = read_byte_order();
    const Pickle pickle = next_pickle();
    const std::map<std::string, PthBytes> storages = read_storages(pickle);
    FileArrays result{.part = pth_part(pickle, file_.name)};
    result.arrays = pth_tensors(pickle, file_.name, big_endian, [&](const PthStorage& storage) {
      const auto found = storages.find(storage.key);
      need(found != storages.end(), str("storage \"", printable(storage.key), "\""), "none",
           storage.byte);
      return found->second;
    });
    return result;
  }

 private:
  template <class Got>
  void need(bool ok, const std::string& expected, const Got& got, std::size_t byte) const {
    check<ParseError>(ok, "pth: file expected ", expected, ", got ", got, " (", file_.name,
                      ", byte ", byte, ")");
  }
  Pickle next_pickle() {
    need(file_.bytes.size() - at_ > 0, "another pickle", "its end", at_);
    return read_pickle(
        file_.bytes.first(std::min<std::uint64_t>(file_.bytes.size(), at_ + kMaxPickleBytes)), at_,
        pth_names(), file_.name);
  }

  // {'protocol_version': 1001, 'little_endian': True, 'type_sizes': {...}}
  bool read_byte_order() {
    const std::size_t begin = at_;
    const Pickle system = next_pickle();
    const PickleValue& dict = system[system.root];
    need(dict.kind == PickleKind::kDict, "the properties of the machine that wrote it",
         words_for(dict.kind), begin);
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& value = system[dict.items[i + 1]];
      if (system[dict.items[i]].text == "little_endian" && value.kind == PickleKind::kBool)
        return value.integer == 0;
    }
    need(false, "little_endian among the properties of its machine", "none", begin);
    return false;
  }

  // The keys, then for each storage its number of elements and these.
  std::map<std::string, PthBytes> read_storages(const Pickle& tensors) {
    std::map<std::string, std::uint64_t> widths;
    for (const PthStorage& storage : pth_storages(tensors, file_.name))
      widths.emplace(storage.key, size_of(storage.dtype));
    const Pickle keys = next_pickle();
    std::map<std::string, PthBytes> storages;
    for (const PickleIndex index : keys[keys.root].items) {
      const std::string& key = keys[index].text;
      const auto width = widths.find(key);
      need(width != widths.end(), "storages of its tensors alone",
           str("another, \"", printable(key), "\""), at_);
      const auto rest = file_.bytes.subspan(at_);
      need(rest.size() >= 8, "a storage's number of elements", "its end", at_);
      const auto elements = load_little<std::uint64_t>(rest);
      need(elements <= (rest.size() - 8) / width->second,
           str("storage \"", printable(key), "\" of at most ", (rest.size() - 8) / width->second,
               " elements"),
           elements, at_);
      const std::uint64_t bytes = elements * width->second;
      storages[key] = {.bytes = rest.subspan(8, bytes),
                       .size = bytes,
                       .where = file_.name,
                       .first_byte = at_ + 8};
      at_ += 8 + bytes;
    }
    need(at_ == file_.bytes.size(), "its end after the storages",
         str(file_.bytes.size() - at_, " more bytes"), at_);
    return storages;
  }

  const FileBytes& file_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_legacy_pth(std::span<const std::byte> content) {
  const auto start = std::as_bytes(std::span(kLegacyStart));
  return content.size() >= start.size() && std::equal(start.begin(), start.end(), content.begin());
}

FileArrays pth_arrays(const FileBytes& file) {
  if (is_legacy_pth(file.bytes)) return LegacyForm(file).read();
  check<ParseError>(is_zip(file.bytes),
                    "pth: file expected a ZIP archive or PyTorch's older form, ", "got ",
                    hex_of(file.bytes, 8), " (", file.name, ", byte 0)");
  return ZipForm(file).read();
}

StateDict load_pth(const std::filesystem::path& path) {
  const MappedFile mapping(path);
  const FileBytes file{.bytes = mapping.bytes(), .name = path.string(), .mapping = &mapping};
  return read_arrays(pth_arrays(file), file);
}

StateDict parse_pth(std::span<const std::byte> content, const std::string& name) {
  const FileBytes file{.bytes = content, .name = name};
  return read_arrays(pth_arrays(file), file);
}

}  // namespace fovea::io
