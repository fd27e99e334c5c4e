# bagloom::protobuf: libprotobuf-lite, its archive where there is one. Of that a program takes the reader of bytes and nothing else: what
# registers itself at every start, and costs 1 MiB there, stays out (docs/memory.md).
pkg_check_modules(protobuf REQUIRED IMPORTED_TARGET protobuf-lite>=3.12)
find_library(BAGLOOM_PROTOBUF_ARCHIVE libprotobuf-lite.a HINTS ${protobuf_LIBRARY_DIRS})
mark_as_advanced(BAGLOOM_PROTOBUF_ARCHIVE)
add_library(bagloom_protobuf INTERFACE)
add_library(bagloom::protobuf ALIAS bagloom_protobuf)
target_include_directories(bagloom_protobuf SYSTEM INTERFACE ${protobuf_INCLUDE_DIRS})
# From 4 (22) on the archive wants Abseil's beside it.
set(BAGLOOM_PROTOBUF_FROM_ARCHIVE OFF)
if(BAGLOOM_PROTOBUF_ARCHIVE AND protobuf_VERSION VERSION_LESS 4)
  set(BAGLOOM_PROTOBUF_FROM_ARCHIVE ON)
  target_link_libraries(bagloom_protobuf INTERFACE ${BAGLOOM_PROTOBUF_ARCHIVE} Threads::Threads)
  # Arrow may bring a protobuf of its own: neither may see the other's symbols.
  target_link_options(bagloom_protobuf INTERFACE LINKER:--exclude-libs,libprotobuf-lite.a)
else()
  target_link_libraries(bagloom_protobuf INTERFACE PkgConfig::protobuf Threads::Threads)
endif()
