# The third-party libraries of the engine, for WebAssembly; tools/install provides them all.
include(cache)

# godwit_wasm_library(<name> <folder in the cache> <file>)
function(godwit_wasm_library name folder file)
  set(prefix "${godwit_cache}/${folder}")
  if(NOT EXISTS "${prefix}/lib/${file}")
    message(FATAL_ERROR "${prefix}/lib/${file} not found: run tools/install")
  endif()
  add_library(godwit_${name} INTERFACE)
  target_include_directories(godwit_${name} SYSTEM INTERFACE "${prefix}/include")
  target_link_libraries(godwit_${name} INTERFACE "${prefix}/lib/${file}")
endfunction()
godwit_wasm_library(sodium "libsodium-${sodium_version}-wasm" libsodium.a)
godwit_wasm_library(stemmer libstemmer-2.2.0-wasm libstemmer.a)

# Headers only; alone in a folder, since this machine's other headers must not be seen.
find_path(GODWIT_JSON_INCLUDE nlohmann/json.hpp PATHS /usr/include /usr/local/include REQUIRED NO_CMAKE_FIND_ROOT_PATH)
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/headers")
file(CREATE_LINK "${GODWIT_JSON_INCLUDE}/nlohmann" "${PROJECT_BINARY_DIR}/headers/nlohmann" SYMBOLIC)
add_library(godwit_json INTERFACE)
target_include_directories(godwit_json SYSTEM INTERFACE "${PROJECT_BINARY_DIR}/headers")
