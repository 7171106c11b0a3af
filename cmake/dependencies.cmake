# Finds what Debian 12 and 13 ship, and says which package is missing when something is not there.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(PNG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Freetype REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(Boost 1.74 REQUIRED)  # Boost.Math, headers only
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)

if(RATIONALE_WORKBOOK)
  # Debian 13's pkg-config file asks for minizip's, which the package does not bring.
  find_library(XLSXWRITER_LIBRARY xlsxwriter REQUIRED)
  find_path(XLSXWRITER_INCLUDE_DIR xlsxwriter.h REQUIRED)
  add_library(xlsxwriter::xlsxwriter UNKNOWN IMPORTED)
  set_target_properties(xlsxwriter::xlsxwriter PROPERTIES
    IMPORTED_LOCATION ${XLSXWRITER_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${XLSXWRITER_INCLUDE_DIR})
endif()

if(RATIONALE_DICOM)
  find_package(DCMTK CONFIG REQUIRED)
  find_package(ZLIB REQUIRED)
  # Debian's OpenJPEG CMake files name tools that are not installed; its pkg-config file is sound.
  pkg_check_modules(openjp2 REQUIRED IMPORTED_TARGET libopenjp2)
endif()

if(RATIONALE_ENGINE)
  # A user's own LibTorch: RATIONALE_LIBTORCH=DIR ./run …, or -DRATIONALE_LIBTORCH=DIR.
  set(RATIONALE_LIBTORCH "" CACHE PATH "LibTorch to build against instead of the system's")
  if(RATIONALE_LIBTORCH)
    list(PREPEND CMAKE_PREFIX_PATH ${RATIONALE_LIBTORCH})
    set(Torch_ROOT ${RATIONALE_LIBTORCH})
  endif()
  find_package(Torch REQUIRED)
  if(Torch_VERSION VERSION_LESS 1.13)
    message(FATAL_ERROR "LibTorch ${Torch_VERSION} is too old: 1.13 or newer is needed")
  endif()
endif()

if(RATIONALE_CONCEPTS)
  # liblinear ships neither a CMake nor a pkg-config file.
  find_library(LIBLINEAR_LIBRARY linear REQUIRED)
  find_path(LIBLINEAR_INCLUDE_DIR linear.h PATH_SUFFIXES liblinear REQUIRED)
  add_library(liblinear::liblinear UNKNOWN IMPORTED)
  set_target_properties(liblinear::liblinear PROPERTIES
    IMPORTED_LOCATION ${LIBLINEAR_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${LIBLINEAR_INCLUDE_DIR})
endif()

if(RATIONALE_WINDOWS)
  find_package(glfw3 REQUIRED)
  find_package(OpenGL REQUIRED)
  pkg_check_modules(imgui REQUIRED IMPORTED_TARGET imgui)
endif()

if(RATIONALE_TESTS)
  find_package(Catch2 REQUIRED)  # 2 on Debian 12, 3 on Debian 13
endif()

if(RATIONALE_ENGINE)
  # LibTorch with its headers as system headers, so that our warnings stay ours.
  add_library(rationale_torch INTERFACE)
  target_link_libraries(rationale_torch INTERFACE torch)
  separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(rationale_torch INTERFACE ${torch_flags})
endif()
