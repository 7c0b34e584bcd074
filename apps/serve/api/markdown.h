// The little Markdown that the chapter has, as blocks and as HTML that holds nothing but its own
// tags: letters of the text that would mean something to a browser are escaped, whatever they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::serve {

/// Lines that belong together.
struct MarkdownBlock {
  /// What they are.
  enum class Kind : std::uint8_t {
    kHeading,    ///< "## Why a convolution"
    kParagraph,  ///< lines up to an empty one
    kList,       ///< lines that begin with "- " or "1. ", and what continues them
    kTable,      ///< lines that begin with "|"
    kCode,       ///< between lines of ```, or moved in by four blanks
    kImage,      ///< "![caption](address)" alone
  };
  Kind kind = Kind::kParagraph;         ///< see there
  int level = 0;                        ///< of a heading, from 1
  std::string language = {};            ///< of code: "sh"; may be empty
  std::vector<std::string> lines = {};  ///< without what marks the kind; of an image its caption
};

/// The blocks of a text, in their order.
std::vector<MarkdownBlock> markdown_blocks(std::string_view text);

/// Escaped text with `code`, **strong** and [words](https://...) as HTML; of links elsewhere the
/// words are left.
std::string html_of_text(std::string_view text);
/// A block as HTML. Of an image its caption.
std::string html_of_block(const MarkdownBlock& block);

/// The words of a command line: with blanks between them, quotes around those that have some.
std::vector<std::string> words_of_line(std::string_view line);

}  // namespace fovea::serve
