// The chapter's topics as walks.

#include "apps/explain/explain.h"
#include "apps/base/exit_code.h"
#include "apps/serve/api/explaining.h"
#include "apps/serve/api/query_reader.h"
#include "fovea/explain/render.h"
#include "fovea/io/json.h"

namespace fovea::serve {

namespace {

constexpr std::size_t kMostWords = 64, kMostLetters = 65'536;

/// The words of the line: a JSON array of strings.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  const std::optional<io::Json> list =
      text.size() <= kMostLetters ? io::parse_json(text, 2) : std::nullopt;
  const bool ok = list && list->is_array() && list->size() <= kMostWords;
  for (const io::Json& word : ok ? *list : io::Json::array()) {
    if (!word.is_string()) throw BadRequest("/api/explain: args expected strings alone");
    words.push_back(word.get<std::string>());
  }
  if (!ok)
    throw BadRequest(
        str("/api/explain: args expected a JSON array of at most ", kMostWords, " strings"));
  return words;
}

}  // namespace

Response explain_response(const Request& request) {
  const QueryReader query(request);
  try {
    return {.body = explain::to_page(
                cli::explain_walk(words_of(query.text("args")), cli::FilesAllowed::kNo))};
  } catch (const cli::UsageError& error) {
    throw BadRequest(error.what());
  }
}

}  // namespace fovea::serve
