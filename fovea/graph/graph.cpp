#include "fovea/graph/graph.h"

#include <algorithm>
#include <set>

namespace fovea::graph {

std::string describe(const Node& node) {
  const std::string op = node.domain.empty() ? node.op : node.domain + "." + node.op;
  if (!node.name.empty()) return op + " \"" + node.name + "\"";
  return op + " -> \"" + (node.outputs.empty() ? "" : node.outputs[0]) + "\"";
}

std::string_view input_of(const Node& node, std::size_t i) {
  return i < node.inputs.size() ? std::string_view(node.inputs[i]) : std::string_view();
}

void check_fits(std::string_view operation, const Value& expected, const Tensor& value) {
  check<DTypeError>(value.dtype() == expected.dtype, operation, ": input \"", expected.name,
                    "\" expected ", expected.dtype, ", got ", value.dtype());
  if (!expected.has_sizes) return;
  bool fits = value.dim() == static_cast<int>(expected.sizes.size());
  for (int d = 0; fits && d < value.dim(); ++d) {
    const std::int64_t size = expected.sizes[static_cast<std::size_t>(d)];
    fits = size == kFree || size == value.size(d);
  }
  check<ShapeError>(fits, operation, ": input \"", expected.name, "\" expected shape ",
                    sizes_to_string(expected), ", got ", value.sizes());
}

std::string sizes_to_string(const Value& value) {
  if (!value.has_sizes) return "?";
  std::string text = "[";
  for (const std::int64_t size : value.sizes) {
    if (text.size() > 1) text += ", ";
    text += size == kFree ? "N" : std::to_string(size);
  }
  return text + "]";
}

void check_graph(const Graph& graph) {
  std::set<std::string, std::less<>> known;
  const auto define = [&](const std::string& value, const std::string& source) {
    check<ParseError>(known.insert(value).second, "graph: value \"", value,
                      "\" expected one source, got another (", source, ")");
  };
  for (const auto& [name, tensor] : graph.initializers) {
    check<ParseError>(tensor.defined(), "graph: initializer \"", name,
                      "\" expected to be a tensor, got none");
    define(name, "initializer");
  }
  for (const Value& input : graph.inputs) define(input.name, "input");
  for (const Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) {
      check<ParseError>(input.empty() || known.contains(input), "graph: input \"", input,
                        "\" expected to be computed before it is used, got nothing (",
                        describe(node), ")");
    }
    for (const std::string& output : node.outputs) {
      if (!output.empty()) define(output, describe(node));
    }
  }
  std::set<std::string_view> outputs;
  for (const Value& output : graph.outputs) {
    check<ParseError>(known.contains(output.name), "graph: output \"", output.name,
                      "\" expected to be computed, got nothing");
    check<ParseError>(outputs.insert(output.name).second, "graph: output \"", output.name,
                      "\" expected once, got twice");
  }
}

void give_input(Graph& graph, const std::string& name, const Tensor& value) {
  const auto input = std::ranges::find(graph.defaults, name, &Value::name);
  check<ArgumentError>(input != graph.defaults.end() && graph.initializers.contains(name),
                       "graph: input with a default expected, got \"", name, "\"");
  check_fits("graph", *input, value);
  graph.initializers[name] = value;
}

namespace {

/// The nodes that wait for each value, and for how many values each node waits.
struct Waiting {
  std::map<std::string, std::vector<std::size_t>, std::less<>> readers;
  std::vector<std::size_t> missing;

  explicit Waiting(const std::vector<Node>& nodes) : missing(nodes.size(), 0) {
    std::set<std::string_view> made;
    for (const Node& node : nodes) made.insert(node.outputs.begin(), node.outputs.end());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const std::string& input : nodes[i].inputs) {
        if (input.empty() || !made.contains(input)) continue;
        readers[input].push_back(i);
        ++missing[i];
      }
    }
  }
};

}  // namespace

void sort_nodes(Graph& graph) {
  Waiting waiting(graph.nodes);
  std::set<std::size_t> ready;  // the first of them is next, so that what is in order stays so
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (waiting.missing[i] == 0) ready.insert(i);
  std::vector<std::size_t> order;
  std::set<std::string_view> done;
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (const std::string& output : graph.nodes[next].outputs) {
      if (output.empty() || !done.insert(output).second) continue;  // made twice: refused later
      const auto readers = waiting.readers.find(output);
      if (readers == waiting.readers.end()) continue;
      for (const std::size_t reader : readers->second)
        if (--waiting.missing[reader] == 0) ready.insert(reader);
    }
  }
  if (order.size() < graph.nodes.size() || std::ranges::is_sorted(order)) return;
  std::vector<Node> sorted;
  sorted.reserve(order.size());
  for (const std::size_t i : order) sorted.push_back(std::move(graph.nodes[i]));
  graph.nodes = std::move(sorted);
}

std::map<std::string, int> count_uses(const Graph& graph) {
  std::map<std::string, int> uses;
  for (const Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) {
      if (!input.empty()) ++uses[input];
    }
  }
  for (const Value& output : graph.outputs) ++uses[output.name];
  return uses;
}

namespace {

// How an attribute's value looks in a table.
struct AttributeText {
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return str(v); }
  std::string operator()(const std::string& v) const { return '"' + v + '"'; }
  std::string operator()(const Tensor& v) const { return str(v.dtype(), " ", v.sizes()); }
  template <class T>
  std::string operator()(const std::vector<T>& v) const {
    std::string text = "[";
    for (const T& entry : v) text += (text.size() > 1 ? ", " : "") + (*this)(entry);
    return text + "]";
  }
};

// Columns of a table, padded to one width each.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += name.empty() ? "-" : name;
  }
  return text;
}

}  // namespace

std::string to_string(const Graph& graph) {
  std::vector<std::vector<std::string>> rows = {{"operation", "output", "shape", "inputs", ""}};
  for (const Value& input : graph.inputs)
    rows.push_back({"input", input.name, sizes_to_string(input)});
  for (const Node& node : graph.nodes) {
    std::string shape;
    if (const auto known = graph.values.find(node.outputs.at(0)); known != graph.values.end())
      shape = sizes_to_string(known->second);
    std::string attributes;
    for (const auto& [name, value] : node.attributes)
      attributes +=
          (attributes.empty() ? "" : " ") + name + "=" + std::visit(AttributeText(), value);
    rows.push_back({node.domain.empty() ? node.op : node.domain + "." + node.op, join(node.outputs),
                    shape, join(node.inputs), attributes});
  }
  for (const Value& output : graph.outputs)
    rows.push_back({"output", output.name, sizes_to_string(output)});
  return table(rows);
}

}  // namespace fovea::graph
