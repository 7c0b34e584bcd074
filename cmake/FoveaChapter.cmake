# fovea_embed_chapter(TARGET): compiles docs/chapter.md and docs/chapter.ko.md into TARGET, as
# apps/serve/api/chapter_text.h gives them out. Changed, they are embedded again.
function(fovea_embed_chapter target)
  set(content "// docs/chapter.md and docs/chapter.ko.md, by cmake/FoveaChapter.cmake.\n")
  string(APPEND content "#include \"apps/serve/api/chapter_text.h\"\n\nnamespace fovea::serve {\n")
  foreach(file chapter chapter.ko)
    set(path ${PROJECT_SOURCE_DIR}/docs/${file}.md)
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    # Numbers, since a compiler may limit a literal's length and every letter is itself so.
    file(READ ${path} bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n"
                         bytes "${bytes}")
    string(REPLACE . _ name ${file})
    string(APPEND content "static const unsigned char ${name}_bytes[] = {\n${bytes}\n};\n")
  endforeach()
  string(APPEND content
         "\nstd::string_view chapter_text(Language language) {\n"
         "  if (language == Language::kKorean)\n"
         "    return {reinterpret_cast<const char*>(chapter_ko_bytes), sizeof chapter_ko_bytes};\n"
         "  return {reinterpret_cast<const char*>(chapter_bytes), sizeof chapter_bytes};\n"
         "}\n\n}  // namespace fovea::serve\n")
  set(source ${PROJECT_BINARY_DIR}/generated/serve/chapter_text.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "${content}" @ONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()
