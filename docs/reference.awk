# What Doxygen is shown of a header. Lines keep their numbers, so that its warnings are about the
# file: `\head` and `\section_of` are aliases of docs/Doxyfile that hold the ends of lines.
#
# - The comment at the head of the file documents the file, and "the head of this file" leads there.
# - A section of a doc comment, as in
#       /// Throws   ShapeError when x is not 4-D.
#   becomes a paragraph of that name. After the word stand two spaces, or one where it fills its
#   column.

FNR == 1 {
  in_head = /^\/\/ /
  laid_out = 0
}

# The head. Lines that are set in, behind an empty one, are a table or code, and stay as they are.
in_head && !/^\/\// { in_head = 0 }
in_head {
  text = substr($0, 3)
  laid_out = text ~ /^ *$/ ? 1 : laid_out && text ~ /^   / ? laid_out + 1 : 0
  if (laid_out > 1) {
    text = "    " text
  } else {
    gsub(/[@\\#]/, "\\\\&", text)
  }
  print "///" (FNR == 1 ? " \\head " : "") text
  next
}

/^ *\/\/\/ .*the head of this file/ {
  path = FILENAME
  sub(/^.*\/fovea\//, "fovea/", path)
  sub(/the head of this file/, "[the head of its file](\\ref " path ")")
}
match($0, /^ *\/\/\/ (Formula|Shapes|Units|Throws|Threads|Source|Returns)  +/) ||
    match($0, /^ *\/\/\/ (Requires|Numerics|Parameters) +/) {
  start = $0
  sub(/\/\/\/.*/, "/// ", start)
  split(substr($0, length(start) + 1), words, " ")
  if (words[1] != "Parameters" || words[2] == "weight") {
    $0 = start "\\section_of{" words[1] "} " substr($0, RLENGTH + 1)
  }
}
{ print }
