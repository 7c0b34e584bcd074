# The libraries that Fovea keeps rather than rewrites; tools/packages.txt names their packages.

find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)
find_package(OneDNN 2.6 REQUIRED)           # 2.6 is Debian 12's; 3.x works too
find_package(hwy CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
# onnx.proto, the schema of ONNX files: Debian's libonnx-dev.
find_path(FOVEA_ONNX_PROTO_DIR onnx/onnx.proto REQUIRED)
if(NOT FOVEA_INFER_ONLY)
  find_package(PNG REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(WebP REQUIRED)
  find_package(TIFF 4.5 REQUIRED)           # whose errors are told to the reader of a file
  find_package(CURL REQUIRED)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
endif()
if(FOVEA_BUILD_COMMAND)
  find_package(CLI11 CONFIG REQUIRED)
  find_package(fmt CONFIG REQUIRED)
endif()
if(FOVEA_BUILD_PAGE)
  find_package(Boost 1.74 REQUIRED)         # Beast, which is headers alone
endif()
