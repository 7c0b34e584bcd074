// Whether a text is well-formed XML, without a library.
#pragma once

#include <cctype>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::test {

/// Reads elements, attributes and references, as far as pictures use XML.
class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : text_(text) {}  ///< reads `text`

  /// What is wrong, with the place; empty when nothing is.
  std::string fault() {
    while (fault_.empty() && at_ < text_.size()) {
      if (text_[at_] == '<')
        read_tag();
      else
        read_text();
    }
    if (fault_.empty() && !open_.empty()) fail("unclosed <" + open_.back() + ">");
    if (fault_.empty() && roots_ != 1) fail(std::to_string(roots_) + " roots");
    return fault_;
  }

 private:
  void fail(const std::string& what) {
    if (fault_.empty()) fault_ = what + " at \"" + std::string(text_.substr(at_, 40)) + "\"";
  }
  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  std::string name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) ||
                                  text_[at_] == ':' || text_[at_] == '-'))
      ++at_;
    if (at_ == begin) fail("no name");
    return std::string(text_.substr(begin, at_ - begin));
  }
  void spaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  void reference() {
    for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
      if (take(known)) return;
    fail("stray &");
  }
  void read_text() {
    if (text_[at_] == '&') return reference();
    if (open_.empty() && !std::isspace(static_cast<unsigned char>(text_[at_])))
      fail("text outside the root");
    ++at_;
  }
  void read_tag() {
    if (take("</")) {
      const std::string closed = name();
      if (open_.empty() || open_.back() != closed) return fail("</" + closed + "> of another");
      open_.pop_back();
      if (!take(">")) fail("no >");
      return;
    }
    ++at_;
    if (open_.empty()) ++roots_;
    const std::string element = name();
    std::set<std::string> attributes;
    for (spaces(); fault_.empty(); spaces()) {
      if (take("/>")) return;
      if (take(">")) return open_.push_back(element);
      if (!attributes.insert(name()).second) return fail("an attribute twice");
      if (!take("=\"")) return fail("no value");
      while (fault_.empty() && !take("\"")) {
        if (at_ == text_.size() || text_[at_] == '<') return fail("no end of a value");
        if (text_[at_] == '&')
          reference();
        else
          ++at_;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  int roots_ = 0;
  std::string fault_;
};

/// What makes `text` no well-formed XML; empty when it is.
inline std::string xml_fault(std::string_view text) { return XmlReader(text).fault(); }

}  // namespace fovea::test
