#!/usr/bin/env bash
# Checks the includes of fovea/ and apps/ against docs/layers.txt, that fovea.h brings all headers
# that are not inner there and none that is, that only its writers open files to write; that
# nobody there or in tests/, but for those whom that file names, knows a kind of device by its
# namespace; and that the library neither prints to standard output nor exits: both are for apps/.
#
#   tools/check_layers.sh [ROOT]     ROOT: the tree to check, by default this one
#
# Prints one line for each offence, as a compiler would, and ends with 1 if there is any.
set -euo pipefail

cd "${1:-$(dirname "$0")/..}"
folders=()
for folder in fovea apps tests; do [[ -d $folder ]] && folders+=("$folder"); done
mapfile -t files < <(find "${folders[@]}" \( -name '*.h' -o -name '*.cpp' \) -type f | sort)

awk '
function fail(text) { print FILENAME ":" FNR ": " text; failed = 1 }

function room_of(path,   parts) {
  split(path, parts, "/")
  if (parts[1] == "fovea" && (parts[2] "/" parts[3]) in known) return parts[2] "/" parts[3]
  return parts[1] == "fovea" ? parts[2] : parts[1] "/" parts[2]
}

function starts_with(text, prefix) { return index(text, prefix) == 1 }

# Whether the file lies in one of `places`.
function lies_in(places,   n, i, names) {
  n = split(places, names, " ")
  for (i = 1; i <= n; i++) if (starts_with(FILENAME, names[i])) return 1
  return 0
}

# "kernels::cpu" as the folder that holds it.
function folder_of(namespace) { gsub(/::/, "/", namespace); return "fovea/" namespace "/" }

# allowed[a, b]: room a may include room b. Rows come in order, so one pass closes the relation.
function add_row(room, words,   n, i, r, names) {
  n = split(words, names, " ")
  for (i = 1; i <= n; i++) {
    if (!(names[i] in known)) {
      fail("row \"" room "\" names \"" names[i] "\", which no row above has")
      continue
    }
    allowed[room, names[i]] = 1
    for (r in known) if ((names[i], r) in allowed) allowed[room, r] = 1
  }
  known[room] = 1
}

FILENAME == "docs/layers.txt" {
  sub(/#.*/, "")
  colon = index($0, ":")
  if (!colon) next
  head = substr($0, 1, colon - 1)
  words = substr($0, colon + 1)
  if (head == "inner") inner = inner " " words
  else if (head == "cpp") cpp_only = cpp_only " " words
  else if (head == "writers") writers = writers " " words
  else if (starts_with(head, "in ")) home[substr(head, 4)] = words
  else if (starts_with(head, "inside ")) {
    n = split(words, names, " ")
    for (i = 1; i <= n; i++) own[names[i]] = substr(head, 8)
  }
  else add_row(head, words)
  next
}

FNR == 1 {
  file[FILENAME] = 1
  room = room_of(FILENAME)
  is_beside = FILENAME ~ /^tests\//
  is_test = FILENAME ~ /_test\.cpp$/ || is_beside
  is_library = FILENAME ~ /^fovea\// && !is_test
  if (!is_beside && !(room in known)) fail("the folder has no row in docs/layers.txt")
}

{
  for (namespace in own)
    if (!lies_in(own[namespace]) &&
        (index($0, namespace "::") || index($0, "\"" folder_of(namespace))))
      fail("only " own[namespace] " may know " namespace)
}

is_library && $0 !~ /^[ \t]*\/\// && /(std::cout|std::puts|std::printf|std::exit|std::_Exit)/ {
  fail("only apps/ may print or exit")
}

!is_test && $0 !~ /^[ \t]*\/\// && /(ofstream|std::fstream|fopen\(|O_WRONLY|O_RDWR)/ {
  n = split(writers, prefixes, " ")
  ok = 0
  for (i = 1; i <= n; i++) if (starts_with(FILENAME, prefixes[i])) ok = 1
  if (!ok)
    fail("only the writers of docs/layers.txt open files to write; take fovea/io/atomic_file.h")
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
  quoted = $0 ~ /include[ \t]*"/
  header = $0
  sub(/^[^<"]*[<"]/, "", header)
  sub(/[>"].*/, "", header)

  if (is_library && header ~ /^fovea\//) included[FILENAME] = included[FILENAME] " " header
  if (header ~ /^(fovea|apps)\//) {
    target = room_of(header)
    if (!is_test && target != room && !((room, target) in allowed))
      fail(room " may not include " header)
  } else if (header ~ /^tests\//) {
    if (!is_test) fail("only tests may include " header)
  } else if (quoted && header != "fovea_build_info.h" && header !~ /\.pb\.h$/ &&
           header !~ /^(hwy|oneapi)\//) {
    fail("\"" header "\" is not a path from the root of the tree")
  }

  if (is_test) next
  for (place in home) {
    n = split(home[place], prefixes, " ")
    for (i = 1; i <= n; i++)
      if (starts_with(header, prefixes[i]) && !starts_with(FILENAME, place))
        fail("only " place "* may include " header)
  }
  n = split(cpp_only, prefixes, " ")
  for (i = 1; i <= n; i++)
    if (starts_with(header, prefixes[i]) && FILENAME ~ /\.h$/)
      fail("only .cpp files may include " header)
}

# Public headers and inner ones: see docs/layers.txt. A tree without fovea.h has no public ones.
function is_inner(header,   prefixes, n, i) {
  n = split(inner, prefixes, " ")
  for (i = 1; i <= n; i++) if (starts_with(header, prefixes[i])) return 1
  return 0
}

function reach(header, from,   headers, n, i) {
  if (header in reached) return
  reached[header] = 1
  if (is_inner(header)) { print from ": brings the inner header " header; failed = 1 }
  n = split(included[header], headers, " ")
  for (i = 1; i <= n; i++) reach(headers[i], header)
}

END {
  if ("fovea/fovea.h" in file) {
    reach("fovea/fovea.h")
    for (name in file)
      if (name ~ /^fovea\/.*\.h$/ && !(name in reached) && !is_inner(name)) {
        print name ": neither brought by fovea/fovea.h nor inner in docs/layers.txt"
        failed = 1
      }
  }
  exit failed
}
' docs/layers.txt "${files[@]}"
