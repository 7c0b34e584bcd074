#include "fovea/models/layer_list.h"

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <optional>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::models {

namespace {

constexpr std::array<const char*, 3> kDefaults = {"num_classes", "in_channels", "image_size"};

std::string line_of(const toml::source_region& region) { return str("line ", region.begin.line); }

/// The whole numbers of an array; nothing when one is something else.
std::optional<std::vector<std::int64_t>> whole_numbers(const toml::array& array) {
  std::vector<std::int64_t> numbers;
  for (const toml::node& node : array) {
    const auto number = node.value_exact<std::int64_t>();
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

LayerValue read_value(const std::string& where, std::string_view key, const toml::node& node) {
  if (const auto value = node.value_exact<bool>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return *value;
  if (const auto value = node.value_exact<double>()) return *value;
  if (auto value = node.value_exact<std::string>()) return *std::move(value);
  if (const toml::array* array = node.as_array()) {
    if (auto numbers = whole_numbers(*array)) return *std::move(numbers);
  }
  throw ParseError(str(where, " ", key,
                       " expected true, false, a number, a string or a list of whole numbers, got "
                       "something else (",
                       line_of(node.source()), ")"));
}

/// The string `key` of a layer; empty when there is none.
std::string read_word(const std::string& where, const toml::table& table, const char* key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return {};
  const auto word = node->value_exact<std::string>();
  check<ParseError>(word.has_value() && !word->empty(), where, " ", key,
                    " expected a string, got something else (", line_of(node->source()), ")");
  return *word;
}

LayerTable read_layer(std::string_view source, std::size_t number, const toml::table& table) {
  LayerTable layer;
  layer.where = str(source, ": layer ", number);
  layer.line = line_of(table.source());
  layer.type = read_word(layer.where, table, "type");
  check<ParseError>(!layer.type.empty(), layer.where, " expected a type as \"Conv2d\", got none (",
                    layer.line, ")");
  layer.where += " (" + layer.type + ")";
  layer.name = read_word(layer.where, table, "name");
  if (layer.name.empty()) layer.name = std::to_string(number - 1);
  for (const auto& [key, node] : table) {
    if (key.str() == "type" || key.str() == "name") continue;
    layer.arguments.emplace(key.str(), read_value(layer.where, key.str(), node));
  }
  return layer;
}

/// The defaults of the file, and that it has no key which means nothing.
ModelOptions read_defaults(std::string_view source, const toml::table& table) {
  std::vector<std::string> known(kDefaults.begin(), kDefaults.end());
  ModelOptions defaults;
  for (const auto& [key, node] : table) {
    if (key.str() == "layer") continue;
    const bool found = std::find(known.begin(), known.end(), key.str()) != known.end();
    if (!found) {
      known.emplace_back("layer");
      throw ParseError(str(source, ": key expected one of ", join_words(known), ", got \"",
                           key.str(), "\" (", line_of(node.source()), ")",
                           did_you_mean(key.str(), known)));
    }
    const auto number = node.value_exact<std::int64_t>();
    check<ParseError>(number.has_value(), source, ": ", key.str(),
                      " expected a whole number, got something else (", line_of(node.source()),
                      ")");
    defaults[std::string(key.str())] = std::to_string(*number);
  }
  return defaults;
}

}  // namespace

LayerList parse_layers(std::string_view text, std::string_view source) {
  toml::table table;
  try {
    table = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw ParseError(str(source, ": text expected TOML, got an error: ", error.description(), " (",
                         line_of(error.source()), ")"));
  }
  LayerList list{.defaults = read_defaults(source, table), .layers = {}};
  const toml::array* layers = table["layer"].as_array();
  check<ParseError>(layers != nullptr && !layers->empty(), source,
                    ": layers expected at least one [[layer]], got none");
  for (const toml::node& node : *layers) {
    const toml::table* layer = node.as_table();
    check<ParseError>(layer != nullptr, source, ": layers expected tables [[layer]], got a value (",
                      line_of(node.source()), ")");
    list.layers.push_back(read_layer(source, list.layers.size() + 1, *layer));
  }
  return list;
}

}  // namespace fovea::models
