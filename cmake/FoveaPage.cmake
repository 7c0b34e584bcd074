# fovea_embed_page(TARGET): bundles the page of web/ with npm's packages as its lock file has them,
# and compiles it into TARGET, as apps/serve/http/assets.h gives it out.
#
# It is bundled from a copy in the build folder: nothing is written into the source tree, two builds
# do not meet there, and of the packages only those come that the page is made of, without running
# what they would run when installed.
function(fovea_embed_page target)
  find_program(FOVEA_NPM npm REQUIRED)
  find_program(FOVEA_NODE node REQUIRED)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(out ${PROJECT_BINARY_DIR}/generated/page)
  set(packages ${web}/package.json ${web}/package-lock.json)
  set(tools ${web}/build.mjs ${web}/embed.mjs ${web}/tsconfig.json)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/*)
  file(MAKE_DIRECTORY ${out}/web)
  add_custom_command(
    OUTPUT ${out}/installed
    COMMAND ${CMAKE_COMMAND} -E copy ${packages} .
    COMMAND ${FOVEA_NPM} ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${out}/installed
    DEPENDS ${packages}
    WORKING_DIRECTORY ${out}/web
    COMMENT "Fetching the packages of the page"
    VERBATIM)
  add_custom_command(
    OUTPUT ${out}/page_assets.cpp
    COMMAND ${CMAKE_COMMAND} -E rm -rf src
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${web}/src src
    COMMAND ${CMAKE_COMMAND} -E copy ${tools} .
    COMMAND ${CMAKE_COMMAND} -E env FOVEA_PAGE_OUT=${out}/dist ${FOVEA_NODE} build.mjs
    COMMAND ${FOVEA_NODE} embed.mjs ${out}/dist ${out}/page_assets.cpp
    DEPENDS ${out}/installed ${sources} ${tools}
    WORKING_DIRECTORY ${out}/web
    COMMENT "Bundling the page"
    VERBATIM)
  target_sources(${target} PRIVATE ${out}/page_assets.cpp)
endfunction()
