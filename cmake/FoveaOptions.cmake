# How Fovea's own code is compiled. Nothing here reaches a user of the installed library.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Debug is for people who change the code: quick to compile, still quick enough to train a little.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(FOVEA_CCACHE ccache)
  if(FOVEA_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${FOVEA_CCACHE})
  endif()
endif()

set(FOVEA_COMPILE_OPTIONS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # No code here reads errno after a maths function or the floating-point exception flags; without
    # these two the compiler may not vectorise sqrt, comparisons and selects. Not -ffast-math: NaN,
    # infinities and the order of sums keep their meaning.
    -fno-math-errno -fno-trapping-math)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees an overlap in "text" + std::string at -O3: bug 105651 of GCC, repaired in 13.
  list(APPEND FOVEA_COMPILE_OPTIONS -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # Kilobytes that the compiler takes before it first looks for what it may give back: a tenth of
  # the time of a united file, for a fifth more memory (0.9 GB at most).
  list(APPEND FOVEA_COMPILE_OPTIONS --param=ggc-min-heapsize=800000)
endif()
if(FOVEA_WERROR)
  list(APPEND FOVEA_COMPILE_OPTIONS -Werror)
endif()

# Highway compiles vector loops once for each instruction set. Processors that have SSSE3 and not
# SSE4 were sold until 2008: they run the baseline's.
add_compile_definitions(HWY_DISABLED_TARGETS=HWY_SSSE3)

if(FOVEA_SANITIZE)
  add_compile_options(-fsanitize=${FOVEA_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FOVEA_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Instrumented code confuses GCC's flow analysis: it warns of values that are always set.
    list(APPEND FOVEA_COMPILE_OPTIONS -Wno-maybe-uninitialized)
  endif()
endif()

# fovea_options(target): the flags, the include root and the debug switch for one of our targets.
function(fovea_options target)
  target_compile_options(${target} PRIVATE ${FOVEA_COMPILE_OPTIONS})
  target_compile_definitions(${target} PRIVATE $<$<CONFIG:Debug>:FOVEA_DEBUG=1>)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# fovea_optimize(target level): -O<level> in release instead of -O3, for code that holds no loop
# that matters: 1 for what runs once (tests, the parsing of flags) or waits
# for files and for libraries, 2 for what calls kernels. A
# third of a clean build's time went into optimising it.
function(fovea_optimize target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O${level}>)
endfunction()
