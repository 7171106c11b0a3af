// `rationale-decode`: reads films for the driver and the engine, each in a process that can do nothing else. Not for
// the command line: who starts it gives it a socket as standard input.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "data/decode/film_server.h"
#include "data/image/load.h"
#include "data/volume/load.h"
#ifdef RATIONALE_HAS_DICOM
#include "data/dicom/write_dx.h"
#endif

namespace {

/// Codecs and dictionary: once here, not once a film.
void load_tables() {
#ifdef RATIONALE_HAS_DICOM
  const rationale::DxFile small{.rows = 8,
                                .cols = 8,
                                .values = std::vector<std::uint16_t>(64, 1),
                                .encoding = rationale::DxEncoding::kRle};
  rationale::parse_picture(rationale::encode_dx(small), "start");
#endif
}

bool is_socket(int file) {
  int kind = 0;
  socklen_t size = sizeof kind;
  return ::getsockopt(file, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_SEQPACKET;
}

}  // namespace

int main() {
  if (!is_socket(STDIN_FILENO)) {
    std::fputs("rationale-decode: started by Rationale, not by hand\n", stderr);
    return 2;
  }
  try {
    load_tables();
  } catch (const std::exception&) {  // without a dictionary: each DICOM film will say so
  }
  return rationale::serve_films(
      STDIN_FILENO,
      {.picture = [](std::string_view bytes, const std::string& name, int frame,
                     rationale::Colour colour) { return rationale::parse_picture(bytes, name, frame, colour); },
       .slices = [](std::string_view bytes, const std::string& name) { return rationale::parse_slices(bytes, name); }});
}
